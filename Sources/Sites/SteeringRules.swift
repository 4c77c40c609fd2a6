import Quantities

/// What a household allows to be steered, and what stands by if the agent dies.
public struct SteeringRules: Hashable, Sendable {
  /// One configured device.
  public struct Device: Hashable, Sendable {
    public let name: DeviceName
    /// A device that said nothing for longer is not written to.
    public let freshnessLimit: TimeSpan
    /// Whether its owner said `steer: true`; only then is anything set.
    public let isSteered: Bool
    /// What the configuration says that it is; empty: not said.
    public let profile: String

    public init(
      name: DeviceName, freshnessLimit: TimeSpan, isSteered: Bool, profile: String = ""
    ) {
      self.profile = profile
      self.name = name
      self.freshnessLimit = freshnessLimit
      self.isSteered = isSteered
    }
  }

  /// All configured devices: one that is not steered any more may still have to be released.
  public var devices: [Device]
  /// Why no guardian can be counted on, and what to do about it; nil where there is one.
  public var guardianGap: String?

  public init(
    devices: [Device] = [], guardianGap: String? = "no guardian is configured"
  ) {
    self.devices = devices
    self.guardianGap = guardianGap
  }

  func device(_ name: DeviceName) -> Device? { devices.first { $0.name == name } }
}
