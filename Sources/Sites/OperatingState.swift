/// What an inverter says that it is doing.
///
/// The raw values are SunSpec's (models 101–103 and 111–113, point St).
public enum OperatingState: Int64, Hashable, Sendable, CaseIterable {
  case off = 1
  /// Waiting for the sun.
  case sleeping = 2
  case starting = 3
  /// Following the panels' maximum power point.
  case producing = 4
  /// Giving less than the sun would allow: somebody or something holds it back.
  case throttled = 5
  case shuttingDown = 6
  case fault = 7
  case standby = 8

  /// The word that a profile writes for it.
  public var word: String {
    switch self {
    case .off: "off"
    case .sleeping: "sleeping"
    case .starting: "starting"
    case .producing: "producing"
    case .throttled: "throttled"
    case .shuttingDown: "shuttingDown"
    case .fault: "fault"
    case .standby: "standby"
    }
  }

  /// The state that a profile calls so.
  public init?(word: String) {
    guard let state = Self.allCases.first(where: { $0.word == word }) else { return nil }
    self = state
  }
}
