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
  /// The most repeating blocks (panel inputs, DC ports, battery strings) that are read of a model.
  public static let maximumBlocks = 32

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

  /// What is read of a model: the registers from its identity to its last point of use, and the
  /// size of what repeats behind them.
  ///
  /// Of 701 the 32 registers of alarm text are left out, of meters everything behind the energy:
  /// so that each of them fits one request.
  private static func shape(of id: UInt16) -> (head: Int, block: Int)? {
    switch id {
    case 1: (SunSpecNameplate.registers, 0)
    case 101...103: (52, 0)
    case 111...113: (62, 0)
    case 120: (28, 0)
    case 121: (32, 0)
    case 122: (46, 0)
    case 123, 124: (26, 0)
    case 160: (10, 20)
    case 201...204: (55, 0)
    case 211...214: (70, 0)
    case 701: (123, 0)
    case 702: (52, 0)
    case 704: (59, 0)
    case 713: (9, 0)
    case 714: (20, 25)
    case 802: (64, 0)
    case 803: (28, 32)
    default: nil
    }
  }

  /// How many blocks repeat behind the head.
  var blockCount: Int {
    guard let shape = Self.shape(of: id), shape.block > 0 else { return 0 }
    return max((length + 2 - shape.head) / shape.block, 0)
  }

  /// Where a block begins, counted from the identity.
  func blockOffset(_ index: Int) -> Int {
    guard let shape = Self.shape(of: id) else { return 0 }
    return shape.head + index * shape.block
  }

  /// The requests that read what is used of the model, each within its borders.
  ///
  /// One request where it fits, because a value and its scale factor change together: read apart
  /// at dawn they make tenfold spikes. No block is cut in two. Empty where the model is unknown,
  /// shorter than its definition, longer than is believed, or leaves the address space.
  public var requests: [RegisterSpan] {
    guard let shape = Self.shape(of: id), length + 2 >= shape.head, next <= 65536,
      address >= 0, blockCount <= Self.maximumBlocks
    else { return [] }
    var requests: [RegisterSpan] = []
    var start = address
    var count = shape.head
    for _ in 0..<blockCount {
      if count + shape.block > RegisterSpan.maximumCount {
        requests.append(RegisterSpan(table: .holding, address: start, count: count))
        start += count
        count = 0
      }
      count += shape.block
    }
    requests.append(RegisterSpan(table: .holding, address: start, count: count))
    return requests
  }

  /// What is read once more after a model that takes several requests: its head, which holds the
  /// scale factors; nil for one that takes a single request.
  public var proof: RegisterSpan? {
    guard requests.count > 1, let shape = Self.shape(of: id) else { return nil }
    return RegisterSpan(table: .holding, address: address, count: shape.head)
  }

  /// Where the scale factors of a model with blocks lie, counted from the identity.
  var blockFactors: Range<Int> {
    switch id {
    case 160: 2..<6
    case 714: 15..<20
    case 803: 22..<28
    default: 0..<0
    }
  }
}
