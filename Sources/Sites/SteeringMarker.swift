import Quantities
import Sealing

/// The durable word that a device may hold a set-point of this node.
///
/// It is written before the device is and removed after the device was given back, so whoever
/// comes after a crash, the guardian or the next start, knows at least what must be released.
public struct SteeringMarker: Hashable, Sendable {
  private static let prefix = "steered/"

  /// What it was last told, in smallest units (mW, ‰).
  public let value: Int64
  public let since: Instant
  /// After so long without a word the device falls back by itself; nil: never.
  public let timeout: TimeSpan?
  /// Whether flash is written, so that what is held is read first.
  public let isFlash: Bool
  /// What gives the device back, as it was known before anything was set: some devices tell their
  /// own mind only by what their registers hold then.
  public let release: [RegisterWrite]
  /// By which profile the device was steered; empty: not known. In a device of another kind the
  /// same registers mean something else.
  public let profile: String

  public init(
    value: Int64, since: Instant, timeout: TimeSpan?, isFlash: Bool, release: [RegisterWrite],
    profile: String = ""
  ) {
    self.profile = profile
    self.value = value
    self.since = since
    self.timeout = timeout
    self.isFlash = isFlash
    self.release = release
  }

  /// Where the marker of `key` is kept.
  public static func storeKey(_ key: SteeringKey) -> String {
    "\(prefix)\(key.device)/\(key.control.rawValue)"
  }

  /// The control whose marker lies under this key; nil for another kind of key.
  public static func key(ofStored text: String) -> SteeringKey? {
    SteeringKey(text, after: prefix)
  }

  public var encoded: [UInt8] {
    CBORValue.array([
      .integer(value), .integer(since.rawValue), .integer(timeout?.milliseconds ?? 0),
      .integer(isFlash ? 1 : 0), .array(release.map(Self.value)), .text(profile),
    ]).encoded
  }

  private static func value(_ write: RegisterWrite) -> CBORValue {
    .array([
      .integer(Int64(write.address)), .array(write.words.map { .integer(Int64($0)) }),
      .array(write.unchecked.sorted().map { .integer(Int64($0)) }),
    ])
  }

  /// Reads what `encoded` wrote; nil for anything else.
  public init?(decoding bytes: [UInt8]) {
    guard let fields = (try? CBORValue(decoding: bytes))?.array, (5...6).contains(fields.count),
      let value = fields[0].integer, let since = fields[1].integer,
      let timeout = fields[2].integer, let flash = fields[3].integer, let writes = fields[4].array
    else { return nil }
    let release = writes.compactMap(Self.write)
    let profile = fields.count == 6 ? fields[5].text : ""
    guard release.count == writes.count, let profile else { return nil }
    self.init(
      value: value, since: Instant(rawValue: since),
      timeout: timeout > 0 ? TimeSpan(milliseconds: timeout) : nil, isFlash: flash != 0,
      release: release, profile: profile)
  }

  /// Whether the device that is there now is known to be of another kind than the one steered.
  public func isForeign(to profile: String) -> Bool {
    !self.profile.isEmpty && !profile.isEmpty && self.profile != profile
  }

  private static func write(_ value: CBORValue) -> RegisterWrite? {
    guard let fields = value.array, fields.count == 3, let address = fields[0].integer,
      let numbers = fields[1].array, let places = fields[2].array
    else { return nil }
    let words = numbers.compactMap(\.integer).compactMap { UInt16(exactly: $0) }
    let unchecked = places.compactMap(\.integer).compactMap { Int(exactly: $0) }
    guard words.count == numbers.count, unchecked.count == places.count,
      (1...RegisterWrite.maximumCount).contains(words.count),
      (0...Int64(65536 - words.count)).contains(address),
      unchecked.allSatisfy({ words.indices.contains($0) })
    else { return nil }
    return RegisterWrite(address: Int(address), words: words, unchecked: Set(unchecked))
  }
}
