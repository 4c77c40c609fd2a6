import Quantities

/// Adds up what energy costs without losing what is below a millicredit.
struct CreditCounter: Hashable, Sendable {
  private(set) var credits: Credits
  /// Millicredits per kilowatt-hour times milliwatt-hours, below a million of them either way.
  private var remainder: Int64 = 0

  init(_ credits: Credits = .zero) { self.credits = credits }

  /// Adds `energy` (0 to 100 MWh) at `price` (0 to a million credits a kilowatt-hour).
  mutating func add(_ energy: Energy, at price: Price) {
    let whole = price.cost(of: energy)
    let unit: Int64 = 1_000_000
    let rest = (energy.milliwattHours % unit) * (price.millicreditsPerKilowattHour % unit) % unit
    remainder += rest
    credits = credits + whole + Credits(millicredits: remainder / unit)
    remainder %= unit
  }
}
