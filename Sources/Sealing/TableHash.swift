/// A hash for tables that live as long as this process: of 32 bytes that strangers choose, who may
/// name keys that nobody has.
///
/// Were it known, or did it take a part of the bytes, a stranger could put a thousand keys in one
/// place of a table, where each costs as much as all before it. It is drawn anew in each process,
/// and each word is hidden by a secret one before two of them are multiplied: the 128 bits of two
/// inputs that differ are alike with a probability of 2⁻⁶⁴, whoever chose them (the hash NH of
/// UMAC; Black, Halevi, Krawczyk, Krovetz and Rogaway, 1999). Multiplied once more they are spread
/// over the low bits, which a table takes.
public struct TableHash: Sendable {
  @usableFromInline let key: (UInt64, UInt64, UInt64, UInt64)

  /// That of this process.
  public static let secret = TableHash()

  /// Draws a secret.
  public init() {
    var random = SystemRandomNumberGenerator()
    key = (random.next(), random.next(), random.next(), random.next())
  }

  /// The hash of these words in the table that has this seed.
  @inlinable
  public func callAsFunction(_ words: Words32, seed: Int) -> Int {
    let front = (words.first &+ key.0).multipliedFullWidth(by: words.second &+ key.1)
    let back = (words.third &+ key.2).multipliedFullWidth(by: words.fourth &+ key.3)
    let (low, carries) = front.low.addingReportingOverflow(back.low)
    let high = front.high &+ back.high &+ (carries ? 1 : 0)
    let seed = UInt64(bitPattern: Int64(seed))
    let mixed = (low ^ key.1 ^ seed).multipliedFullWidth(by: high ^ key.2)
    return Int(truncatingIfNeeded: mixed.low ^ mixed.high)
  }
}
