import Quantities

/// What a simulated house has and how its people live: every number of `SimulatedHouse`.
public struct HouseEquipment: Hashable, Sendable {
  public var name: String
  /// What its panels are rated at.
  public var panels: Power
  /// How much of the rating the roof's tilt and direction leave, in thousandths.
  public var orientation: Int64 = 950
  /// How far the roof's direction turns the bell: + is toward the evening (west), in minutes.
  public var panelLagMinutes: Int64 = 0
  /// Usable capacity; zero is a house without a battery.
  public var batteryCapacity: Energy
  public var maximumCharge: Power
  public var maximumDischarge: Power
  /// How much of what goes into the battery can be taken out again, in thousandths.
  public var batteryEfficiency: Int64 = 920
  /// Below this the battery does not discharge.
  public var reserve = StateOfCharge(percent: 10)
  /// Refrigerator, router, stand-by.
  public var baseLoad: Power
  /// The height of the breakfast hours above the base.
  public var morningLoad: Power
  /// The height of the evening hours above the base.
  public var eveningLoad: Power
  /// What runs on top through working hours, 09:00 to 17:00.
  public var workingLoad: Power = .zero
  /// What the machine with the GPU draws while a job runs; zero is a house without one.
  public var jobPower: Power = .zero
  /// The step of the meter's cumulative registers.
  public var registerResolution = Energy(wattHours: 1)

  /// What its inverter can give on its AC side: panels and battery together.
  public var rating: Power { panels + maximumDischarge }

  public init(
    name: String, panels: Power, batteryCapacity: Energy, maximumCharge: Power,
    maximumDischarge: Power, baseLoad: Power, morningLoad: Power, eveningLoad: Power
  ) {
    self.name = name
    self.panels = panels
    self.batteryCapacity = batteryCapacity
    self.maximumCharge = maximumCharge
    self.maximumDischarge = maximumDischarge
    self.baseLoad = baseLoad
    self.morningLoad = morningLoad
    self.eveningLoad = eveningLoad
  }

  /// A large roof with a SunSpec inverter and meter, a 10 kWh battery and a GPU.
  public static var amber: HouseEquipment {
    var house = HouseEquipment(
      name: "Amber", panels: Power(watts: 8000), batteryCapacity: Energy(wattHours: 10_000),
      maximumCharge: Power(watts: 3000), maximumDischarge: Power(watts: 3000),
      baseLoad: Power(watts: 220), morningLoad: Power(watts: 500),
      eveningLoad: Power(watts: 900))
    house.jobPower = Power(watts: 320)
    return house
  }

  /// A roof to the west with a Growatt SPH hybrid inverter, a 6 kWh battery and a GPU.
  public static var birch: HouseEquipment {
    var house = HouseEquipment(
      name: "Birch", panels: Power(watts: 5000), batteryCapacity: Energy(wattHours: 6000),
      maximumCharge: Power(watts: 2500), maximumDischarge: Power(watts: 2500),
      baseLoad: Power(watts: 180), morningLoad: Power(watts: 450),
      eveningLoad: Power(watts: 700))
    house.panelLagMinutes = 45
    house.jobPower = Power(watts: 260)
    house.registerResolution = Energy(wattHours: 10)
    return house
  }

  /// A workshop with a small roof and battery behind a Victron GX: it buys.
  public static var cedar: HouseEquipment {
    var house = HouseEquipment(
      name: "Cedar", panels: Power(watts: 1500), batteryCapacity: Energy(wattHours: 2000),
      maximumCharge: Power(watts: 800), maximumDischarge: Power(watts: 800),
      baseLoad: Power(watts: 250), morningLoad: Power(watts: 400),
      eveningLoad: Power(watts: 800))
    house.workingLoad = Power(watts: 2400)
    house.registerResolution = Energy(wattHours: 10)
    return house
  }

  /// The three houses of the street.
  public static var street: [HouseEquipment] { [amber, birch, cedar] }
}
