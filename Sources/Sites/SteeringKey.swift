/// One control of one device.
public struct SteeringKey: Hashable, Comparable, Sendable {
  public let device: DeviceName
  public let control: Control

  public init(_ device: DeviceName, _ control: Control) {
    self.device = device
    self.control = control
  }

  /// Reads `<prefix><device>/<control>`; nil for anything else.
  init?(_ text: String, after prefix: String) {
    guard text.hasPrefix(prefix) else { return nil }
    let parts = text.dropFirst(prefix.count)
      .split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, !parts[0].isEmpty,
      let control = Control(rawValue: String(parts[1]))
    else { return nil }
    self.init(String(parts[0]), control)
  }

  public static func < (left: SteeringKey, right: SteeringKey) -> Bool {
    (left.device, left.control) < (right.device, right.control)
  }
}
