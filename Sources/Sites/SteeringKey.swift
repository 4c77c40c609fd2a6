/// One control of one device.
public struct SteeringKey: Hashable, Comparable, Sendable {
  public let device: DeviceName
  public let control: Control

  public init(_ device: DeviceName, _ control: Control) {
    self.device = device
    self.control = control
  }

  public static func < (left: SteeringKey, right: SteeringKey) -> Bool {
    (left.device, left.control) < (right.device, right.control)
  }
}
