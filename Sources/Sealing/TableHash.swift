/// A hash for tables that live as long as this process: of 32 bytes that strangers choose, who may
/// name keys that nobody has.
///
/// Were it known, or did it take a part of the bytes, a stranger could put a thousand keys in one
/// place of a table, where each costs as much as all before it. It is drawn anew in each process,
/// and each word is hidden by a secret one before two of them are multiplied: two inputs that
/// differ meet with a probability of about 2⁻⁶⁴, whoever chose them (the hash NH of UMAC, Black,
/// Halevi, Krawczyk, Krovetz and Rogaway, 1999, with its 128 bits folded).
public struct TableHash: Sendable {
  @usableFromInline let secret: (UInt64, UInt64, UInt64, UInt64)

  /// That of this process.
  public static let secret = TableHash()

  init() {
    var random = SystemRandomNumberGenerator()
    secret = (random.next(), random.next(), random.next(), random.next())
  }

  /// The hash of these words in the table that has this seed.
  @inlinable
  public func callAsFunction(_ words: Words32, seed: Int) -> Int {
    let front = (words.first &+ secret.0).multipliedFullWidth(by: words.second &+ secret.1)
    let back = (words.third &+ secret.2).multipliedFullWidth(by: words.fourth &+ secret.3)
    let (low, carries) = front.low.addingReportingOverflow(back.low)
    let high = front.high &+ back.high &+ (carries ? 1 : 0)
    let seed = UInt64(bitPattern: Int64(seed))
    let mixed = (low ^ secret.1 ^ seed).multipliedFullWidth(by: high ^ secret.2)
    return Int(truncatingIfNeeded: mixed.low ^ mixed.high)
  }
}
