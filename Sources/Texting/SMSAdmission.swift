/// Whose text messages are read at all: a stranger gets silence, not an error.
///
/// A number can be forged, so being listed allows reading and nothing else (see `Grammar`).
public struct SMSAdmission: Hashable, Sendable {
  private let readers: Set<String>

  /// Takes the owner's list, as written: "+255 700 000 001", "00255700000001".
  public init(readers: [String]) { self.readers = Set(readers.compactMap(Self.comparable)) }

  /// Whether messages of `number` are answered.
  public func admits(_ number: String) -> Bool {
    guard let comparable = Self.comparable(number) else { return false }
    return readers.contains(comparable)
  }

  /// Digits alone, without the international prefix; names such as "OPERATOR" count as nobody.
  private static func comparable(_ number: String) -> String? {
    var digits = ""
    for scalar in number.unicodeScalars {
      switch scalar {
      case "0"..."9": digits.unicodeScalars.append(scalar)
      case "+" where digits.isEmpty: continue
      case " ", "-", "(", ")", ".", "/": continue
      default: return nil
      }
    }
    if digits.hasPrefix("00") { digits.removeFirst(2) }
    return (3...15).contains(digits.utf8.count) ? digits : nil
  }
}
