/// The models that a simulated device serves, every point "not implemented" until it is filled.
///
/// Source: github.com/sunspec/models, the definition of each model.
enum SunSpecLayout {
  /// How a model's registers behind identity and length are typed.
  ///
  /// A number repeats the letter that follows it: `u` 16 bits without a sign (also enumerations
  /// and bit fields), `s` 16 bits with one (also scale factors), `U` and `S` the same in 32 bits,
  /// `L` 64 bits without a sign, `a` a 32-bit and `A` a 64-bit accumulator, `f` a float, `t` a
  /// register of text or padding.
  struct Shape {
    let ids: [UInt16]
    let head: String
    /// What repeats behind the head: a panel input, a DC port, a battery string.
    var block = ""
  }

  static let shapes: [Shape] = [
    Shape(ids: [1], head: "64tut"),
    Shape(ids: [101, 102, 103], head: "4us6u3su7sasusu8s2u6U"),
    Shape(ids: [111, 112, 113], head: "23f2u6U"),
    Shape(ids: [120], head: "2usu6su6susususust"),
    Shape(ids: [121], head: "2us3u4su4s5u10s"),
    Shape(ids: [122], head: "3u6A2sus2U4tU2us"),
    Shape(ids: [123], head: "8us4u3s5u3s"),
    Shape(ids: [124], head: "10u2s4u8s"),
    Shape(ids: [160], head: "4sU2u", block: "u8t3uaUsuU"),
    Shape(ids: [201, 202, 203, 204], head: "36s8as8as16asU"),
    Shape(ids: [211, 212, 213, 214], head: "61fU"),
    Shape(ids: [701], head: "4u2U5s2uU4L11s2u4L5s2u4L5s2u4LuU10s32t"),
    Shape(ids: [702], head: "21uU20u7s"),
    Shape(ids: [703], head: "3u6U2s"),
    Shape(ids: [704], head: "2u2U2u2U4u2U2u2S2su2U3u2S2su2U4u6s8u"),
    Shape(ids: [713], head: "5u2s"),
    Shape(ids: [714], head: "Uu2s2L5s", block: "2u8tsus2LsuU"),
    Shape(ids: [802], head: "12uU8u5U10us2usus2u12s"),
    Shape(ids: [803], head: "2us2us2us5usususu6s", block: "uU3us5usususu5U2u2t"),
  ]

  /// The model's registers with identity and length; nil for a model that isn't listed.
  ///
  /// - Parameter blocks: how many repeating blocks follow the head.
  static func words(of id: UInt16, blocks: Int = 0) -> [UInt16]? {
    guard let shape = shapes.first(where: { $0.ids.contains(id) }) else { return nil }
    var words: [UInt16] = [id, 0]
    append(shape.head, to: &words)
    for _ in 0..<blocks { append(shape.block, to: &words) }
    words[1] = UInt16(words.count - 2)
    return words
  }

  private static func append(_ letters: String, to words: inout [UInt16]) {
    var count = 0
    for letter in letters.utf8 {
      if (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(letter) {
        count = count * 10 + Int(letter - UInt8(ascii: "0"))
        continue
      }
      for _ in 0..<max(count, 1) { words += blank(letter) }
      count = 0
    }
  }

  /// The point's value that means "not implemented".
  private static func blank(_ letter: UInt8) -> [UInt16] {
    switch letter {
    case UInt8(ascii: "u"): [0xFFFF]
    case UInt8(ascii: "s"): [0x8000]
    case UInt8(ascii: "U"): [0xFFFF, 0xFFFF]
    case UInt8(ascii: "S"): [0x8000, 0]
    case UInt8(ascii: "L"): [0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF]
    case UInt8(ascii: "a"): [0, 0]
    case UInt8(ascii: "A"): [0, 0, 0, 0]
    case UInt8(ascii: "f"): [0x7FC0, 0]
    default: [0]
    }
  }
}
