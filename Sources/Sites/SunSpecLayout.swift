/// The models that a simulated device serves, every point "not implemented" until it is filled.
///
/// Source: github.com/sunspec/models, model_1, model_103, model_124, model_203 and model_802.
enum SunSpecLayout {
  /// One letter for each point, in the model's order: `u` 16 bits without a sign (also enumerations
  /// and bit fields), `s` 16 bits with one (also scale factors), `U` 32 bits without one, `a` a
  /// 32-bit accumulator, `t` a register of text.
  static let points: [(id: UInt16, letters: String)] = [
    (
      1,
      String(repeating: "t", count: 64) + "u" + "s"
    ),
    (
      103,
      "uuuus" + "uuuuuus" + "ss" + "us" + "ssssss" + "as" + "us" + "us" + "ss" + "sssss" + "uu"
        + "UUUUUU"
    ),
    (
      124,
      "uuuuuuuuuu" + "ss" + "uuuu" + "ssssssss"
    ),
    (
      203,
      String(repeating: "s", count: 36) + "aaaaaaaa" + "s" + "aaaaaaaa" + "s"
        + String(repeating: "a", count: 16) + "s" + "U"
    ),
    (
      802,
      "uuuuuuuuuuuu" + "U" + "uuuuuuuu" + "U" + "UUUU" + "uuuuuuuuuu" + "suus" + "us" + "uu"
        + "ssssssssssss"
    ),
  ]

  /// The model's registers with identity and length; nil for a model that isn't listed.
  static func words(of id: UInt16) -> [UInt16]? {
    guard let letters = points.first(where: { $0.id == id })?.letters else { return nil }
    var words: [UInt16] = [id, 0]
    for letter in letters.utf8 {
      switch letter {
      case UInt8(ascii: "u"): words.append(0xFFFF)
      case UInt8(ascii: "s"): words.append(0x8000)
      case UInt8(ascii: "U"): words += [0xFFFF, 0xFFFF]
      case UInt8(ascii: "a"): words += [0, 0]
      default: words.append(0)
      }
    }
    words[1] = UInt16(words.count - 2)
    return words
  }
}
