import Planning
import Quantities

/// What a backtest is of: a household, what it has, its daily job, and what energy costs.
public struct BacktestPlan: Sendable {
  public var record: HouseholdRecord {
    didSet { days = record.wholeDays }
  }
  public var equipment: RecordedEquipment
  public var pattern: JobPattern
  public var prices = BacktestPrices()
  public var localTime = LocalTime.utc
  /// Where the house stands, as far as the station is told.
  public var place: Place?
  /// How its panels face, as far as the station is told.
  public var panels: [PanelArray] = []
  /// How often the station reads the house and decides.
  public var interval = TimeSpan(minutes: 5)
  /// The UTC days that a job is due on: those that are known as a whole.
  public private(set) var days: [Int64]

  public init(record: HouseholdRecord, equipment: RecordedEquipment, pattern: JobPattern) {
    self.record = record
    self.equipment = equipment
    self.pattern = pattern
    days = record.wholeDays
  }
}
