/// One of the two tables of 16-bit registers that a Modbus device has.
///
/// The raw value is the function code that reads it (Modbus 1.1b3, §6.3, §6.4).
public enum RegisterTable: UInt8, Hashable, Sendable, CaseIterable {
  case holding = 3
  case input = 4

  /// What profiles and dumps call a table.
  enum Name: String, CaseIterable {
    case holding, input

    var table: RegisterTable {
      switch self {
      case .holding: .holding
      case .input: .input
      }
    }
  }

  /// The word for it in profiles and dumps.
  public var word: String {
    switch self {
    case .holding: Name.holding.rawValue
    case .input: Name.input.rawValue
    }
  }
}
