/// One model found in a SunSpec device: a table of known layout at a place of the device's choice.
///
/// Source: SunSpec Device Information Model Specification 1.1, §6; model definitions at
/// github.com/sunspec/models.
public struct SunSpecModel: Hashable, Sendable {
  /// What the device announces itself with: "SunS".
  public static let marker: [UInt16] = [0x5375, 0x6E53]
  /// Where the marker may stand, in the order in which to look.
  public static let bases = [40000, 0, 50000]
  /// The identity that ends the list of models.
  public static let end: UInt16 = 0xFFFF
  /// The most models that a walk follows before it calls the device's list broken.
  public static let maximumCount = 64

  public let id: UInt16
  /// The register that holds the identity; the length and the points follow.
  public let address: Int
  /// Registers behind the length register.
  public let length: Int

  public init(id: UInt16, address: Int, length: Int) {
    self.id = id
    self.address = address
    self.length = length
  }

  /// The first address behind the model: where the next one's identity stands.
  public var next: Int { address + 2 + length }

  /// The one request that reads the model whole, identity and length too; nil if it takes more.
  ///
  /// Whole, because a value and its scale factor change together: read apart at dawn they make
  /// tenfold spikes.
  public var span: RegisterSpan? {
    guard length >= 0, length + 2 <= RegisterSpan.maximumCount, next <= 65536 else { return nil }
    return RegisterSpan(table: .holding, address: address, count: length + 2)
  }
}
