import Quantities

/// One relay, as the household's configuration describes it.
///
/// A relay's coil is off whenever nobody is sure: before the node starts, when it stopped or was
/// killed, when what it goes by is unknown. So wire each relay such that off is safe. There is no
/// kind of relay that joins two AC sources, and none may be used for it: an electrician's
/// interlocked change-over switch does that, and asks no software.
public struct RelayPlan: Hashable, Sendable {
  /// What decides. The raw values are the words of the configuration.
  public enum Mode: String, Hashable, Sendable, CaseIterable {
    /// On while the house has that much to spare: a boiler, a pump.
    case surplus
    /// On to cut a load off while the battery is below its reserve. The load hangs on the contact
    /// that is closed while the coil is off, and so runs when nobody decides.
    case shed
    /// On and off as the owner says; off after a restart.
    case manual
  }

  public let name: String
  public let mode: Mode
  /// What the load draws while the relay is on (when shedding: while it is off).
  public let power: Power
  /// Once on, it stays on for so long, and once off, off.
  public let minimumOn: TimeSpan
  public let minimumOff: TimeSpan
  /// Of the relays of one group at most one is on.
  public let group: String?
  /// In its group all are off for so long before this one goes on.
  public let deadTime: TimeSpan

  public init(
    name: String, mode: Mode, power: Power = .zero, minimumOn: TimeSpan = TimeSpan(minutes: 5),
    minimumOff: TimeSpan = TimeSpan(minutes: 5), group: String? = nil,
    deadTime: TimeSpan = TimeSpan(seconds: 5)
  ) {
    self.name = name
    self.mode = mode
    self.power = power
    self.minimumOn = max(.zero, minimumOn)
    self.minimumOff = max(.zero, minimumOff)
    self.group = group
    self.deadTime = max(.zero, deadTime)
  }
}
