import Quantities
import Sites

/// A simulated house together with the devices that it is read and steered by.
public struct SimulatedHousehold: Sendable {
  public private(set) var house: SimulatedHouse
  public private(set) var devices: [SimulatedDevice]
  /// What holds whatever the devices are told: a grid operator's limit.
  public let rules: HouseSettings

  /// - Parameters:
  ///   - devices: of different units; they show this house from the first moment on.
  public init(
    _ house: SimulatedHouse, devices: [SimulatedDevice], rules: HouseSettings = HouseSettings(),
    weather: Weather
  ) {
    self.house = house
    self.devices = devices
    self.rules = rules
    obey()
    show(weather)
  }

  /// Lets time pass; `flexibleLoad` is what the machine of the house draws from now on.
  public mutating func step(to instant: Instant, weather: Weather, flexibleLoad: Power = .zero) {
    house.flexibleLoad = flexibleLoad
    obey()
    house.step(to: instant, weather: weather)
    show(weather)
    // A time-out may have passed meanwhile.
    obey()
  }

  /// Answers a read of the device `unit`; one that isn't there, as a gateway does.
  public mutating func read(_ span: RegisterSpan, unit: UInt8) -> SimulatedDevice.Outcome {
    guard let index = devices.firstIndex(where: { $0.unit == unit }) else {
      return SimulatedDevice.Outcome(.exception(11))
    }
    return devices[index].read(span)
  }

  /// Takes a write to the device `unit`, which it obeys at once.
  public mutating func write(
    _ words: [UInt16], at address: Int, unit: UInt8, weather: Weather
  ) -> SimulatedDevice.Outcome {
    guard let index = devices.firstIndex(where: { $0.unit == unit }) else {
      return SimulatedDevice.Outcome(.exception(11))
    }
    let answer = devices[index].write(words, at: address)
    obey()
    show(weather)
    return SimulatedDevice.Outcome(answer)
  }

  /// Lets devices restart only when they are told to by `restartIfDue`.
  ///
  /// Whoever counts energy has to have read a device right before, and to have believed it: what
  /// flowed between that reading and the restart is in no register any more (see
  /// `NightAudit.isBelieved`).
  public mutating func restartWhenTold() {
    for index in devices.indices { devices[index].restartsWhenTold = true }
  }

  /// Restarts the device `unit` if a fault said so.
  public mutating func restartIfDue(unit: UInt8) {
    guard let index = devices.firstIndex(where: { $0.unit == unit }) else { return }
    devices[index].restartIfDue()
  }

  /// Ends all faults of all devices.
  public mutating func heal() {
    for index in devices.indices { devices[index].heal() }
  }

  private mutating func obey() {
    var settings = HouseSettings()
    for device in devices { settings = settings.overlaid(by: device.controls.settings) }
    let limits = [rules.exportLimit, settings.exportLimit].compactMap { $0 }
    settings = rules.overlaid(by: settings)
    settings.exportLimit = limits.min()
    house.settings = settings
  }

  private mutating func show(_ weather: Weather) {
    let isDark = !weather.daylight(at: house.now).contains(house.now)
    for index in devices.indices {
      devices[index].show(house.reading(device: "\(devices[index].unit)"), isDark: isDark)
    }
  }
}
