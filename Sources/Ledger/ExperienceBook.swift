import Market
import Sealing

/// What this household itself has seen of providers of computing, kept over restarts.
struct ExperienceBook: Sendable {
  private static let prefix = "provider/"

  private var seen: [PublicKey: ProviderExperience] = [:]

  func of(_ provider: PublicKey) -> ProviderExperience { seen[provider] ?? ProviderExperience() }

  /// Changes what is known of a provider; returns what to store.
  mutating func note(
    _ provider: PublicKey, _ change: (inout ProviderExperience) -> Void
  ) -> KeyedValue {
    var known = of(provider)
    change(&known)
    seen[provider] = known
    let value = CBORValue.array([
      .integer(known.inTime), .integer(known.late), .integer(known.failed),
      .integer(known.auditsPassed), .integer(known.auditsFailed),
    ])
    return KeyedValue(key: Self.prefix + provider.hexadecimal, value: value.encoded)
  }

  mutating func restore(key: String, value: [UInt8]) {
    guard key.hasPrefix(Self.prefix),
      let provider = PublicKey(hexadecimal: String(key.dropFirst(Self.prefix.count))),
      let counts = (try? CBORValue(decoding: value))?.array?.compactMap(\.integer),
      counts.count == 5
    else { return }
    seen[provider] = ProviderExperience(
      inTime: counts[0], late: counts[1], failed: counts[2], auditsPassed: counts[3],
      auditsFailed: counts[4])
  }
}
