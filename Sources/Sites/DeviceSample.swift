/// One look at a device: its registers as they came, and what they mean.
public struct DeviceSample: Hashable, Sendable {
  public let image: RegisterImage
  public let reading: DeviceReading

  public init(image: RegisterImage, reading: DeviceReading) {
    self.image = image
    self.reading = reading
  }
}
