/// A run of registers that one request reads.
public struct RegisterSpan: Hashable, Sendable {
  /// The most registers that one Modbus read may ask for (1.1b3, §6.3).
  public static let maximumCount = 125

  public let table: RegisterTable
  /// The first register, zero-based, 0 to 65535.
  public let address: Int
  /// 1 to `maximumCount`.
  public let count: Int

  /// Traps when the run is empty, longer than `maximumCount` or leaves the address space.
  public init(table: RegisterTable, address: Int, count: Int) {
    precondition(count >= 1 && count <= Self.maximumCount, "a read is of 1 to 125 registers")
    precondition(address >= 0 && address + count <= 65536, "registers are numbered 0 to 65535")
    self.table = table
    self.address = address
    self.count = count
  }

  /// The first address behind the run.
  public var end: Int { address + count }
}
