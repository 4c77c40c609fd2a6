import Quantities

/// Which day's record is asked for.
public enum RecordedDay: Hashable, Sendable {
  case date(CivilDate)
  /// 0 is the local day that lasts.
  case daysAgo(Int64)

  /// "TODAY", "YESTERDAY" or "2026-06-21", in any case; nil for anything else.
  public init?(_ text: String) {
    switch text.uppercased() {
    case "TODAY": self = .daysAgo(0)
    case "YESTERDAY": self = .daysAgo(1)
    default:
      guard let date = CivilDate(text) else { return nil }
      self = .date(date)
    }
  }
}
