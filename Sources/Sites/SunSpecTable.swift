/// Where the points that are used lie in each model.
///
/// Source: github.com/sunspec/models, the definition of each model.
enum SunSpecTable {
  /// An inverter: + is out of it on its AC side.
  struct Inverter {
    let power: SunSpecPoint
    let total: SunSpecPoint
    let directPower: SunSpecPoint?
    /// Its operating state, and what to add for the numbers of `OperatingState`.
    let state: SunSpecPoint
    let stateOffset: Int64
  }

  static func inverter(_ id: UInt16) -> Inverter {
    switch id {
    case 111...113:
      Inverter(
        power: .init(.float32, 22), total: .init(.float32, 32), directPower: .init(.float32, 38),
        state: .init(.uint16, 48), stateOffset: 0)
    case 701:
      // InvSt counts from OFF = 0, the older St from OFF = 1.
      Inverter(
        power: .init(.int16, 10, factor: 116), total: .init(.uint64, 19, factor: 120),
        directPower: nil, state: .init(.uint16, 4), stateOffset: 1)
    default:
      Inverter(
        power: .init(.int16, 14, factor: 15), total: .init(.acc32, 24, factor: 26),
        directPower: .init(.int16, 31, factor: 32), state: .init(.uint16, 38), stateOffset: 0)
    }
  }

  /// A meter: + is import.
  struct Meter {
    let power: SunSpecPoint
    let exported: SunSpecPoint
    let imported: SunSpecPoint
  }

  static func meter(_ id: UInt16) -> Meter {
    switch id {
    case 211...214:
      Meter(
        power: .init(.float32, 28), exported: .init(.float32, 60), imported: .init(.float32, 68))
    default:
      Meter(
        power: .init(.int16, 18, factor: 22), exported: .init(.acc32, 38, factor: 54),
        imported: .init(.acc32, 46, factor: 54))
    }
  }

  /// 120: what the inverter is built for.
  enum Nameplate {
    static let rating = SunSpecPoint(.uint16, 3, factor: 4)
    static let capacity = SunSpecPoint(.uint16, 19, factor: 20)
    static let charge = SunSpecPoint(.uint16, 23, factor: 24)
    static let discharge = SunSpecPoint(.uint16, 25, factor: 26)
  }

  /// 121: what the inverter is set to.
  enum Settings {
    static let maximum = SunSpecPoint(.uint16, 2, factor: 22)
  }

  /// 122: what the inverter counts besides.
  enum Status {
    static let total = SunSpecPoint(.acc64, 5)
  }

  /// 123: what the inverter may give, in % of its maximum.
  enum Controls {
    static let limit = SunSpecPoint(.uint16, 5, factor: 23)
    static let reversion = SunSpecPoint(.uint16, 7)
    static let enabled = SunSpecPoint(.uint16, 9)
  }

  /// 124: a store behind the inverter, without its power.
  enum StorageRates {
    static let maximum = SunSpecPoint(.uint16, 2, factor: 18)
    /// Bit 0: the limit of charging holds; bit 1: that of discharging.
    static let mode = SunSpecPoint(.uint16, 5)
    static let reserve = SunSpecPoint(.uint16, 7, factor: 21)
    static let charge = SunSpecPoint(.uint16, 8, factor: 22)
    static let discharging = SunSpecPoint(.int16, 12, factor: 25)
    static let charging = SunSpecPoint(.int16, 13, factor: 25)
    static let reversion = SunSpecPoint(.uint16, 15)
  }

  /// 160: the inverter's DC inputs; of the first block.
  enum Inputs {
    static let count = SunSpecPoint(.uint16, 8)
    static let number = SunSpecPoint(.uint16, 10)
    static let name = (offset: 11, registers: 8)
    static let power = SunSpecPoint(.uint16, 21, factor: 4)
    static let total = SunSpecPoint(.acc32, 22, factor: 5)
  }

  /// 701: how far the inverter is held back, in %.
  enum Throttling {
    static let share = SunSpecPoint(.uint16, 110)
    static let running = SunSpecPoint(.uint16, 3)
  }

  /// 702: ratings and settings.
  enum Capacity {
    static let rating = SunSpecPoint(.uint16, 2, factor: 45)
    static let maximum = SunSpecPoint(.uint16, 26, factor: 45)
    static let chargeRating = SunSpecPoint(.uint16, 10, factor: 45)
    static let dischargeRating = SunSpecPoint(.uint16, 11, factor: 45)
    static let charge = SunSpecPoint(.uint16, 34, factor: 45)
    static let discharge = SunSpecPoint(.uint16, 35, factor: 45)
  }

  /// 704: what the inverter may give, and what it is told to give.
  enum Steering {
    static let limitEnabled = SunSpecPoint(.uint16, 14)
    static let limit = SunSpecPoint(.uint16, 15, factor: 54)
    static let limitRevertsTo = SunSpecPoint(.uint16, 17)
    static let limitReversion = SunSpecPoint(.uint32, 18)
    static let powerEnabled = SunSpecPoint(.uint16, 22)
    static let powerMode = SunSpecPoint(.uint16, 23)
    static let power = SunSpecPoint(.int32, 24, factor: 55)
    static let powerRevertsTo = SunSpecPoint(.uint16, 30)
    static let powerReversion = SunSpecPoint(.uint32, 31)
  }

  /// 713: a store's capacity.
  enum Store {
    static let capacity = SunSpecPoint(.uint16, 2, factor: 7)
    static let charge = SunSpecPoint(.uint16, 4, factor: 8)
  }

  /// 714: the inverter's DC ports, + is into the inverter; of the first block.
  enum Ports {
    static let count = SunSpecPoint(.uint16, 4)
    static let kind = SunSpecPoint(.uint16, 20)
    static let power = SunSpecPoint(.int16, 32, factor: 17)
    static let injected = SunSpecPoint(.uint64, 33, factor: 18)
    static let absorbed = SunSpecPoint(.uint64, 37, factor: 18)
    /// Values of `kind`.
    static let panels: Int64 = 0
    static let store: Int64 = 1
  }

  /// 802: a battery bank; + is discharging.
  enum Battery {
    static let capacity = SunSpecPoint(.uint16, 3, factor: 53)
    static let maximumCharge = SunSpecPoint(.uint16, 4, factor: 54)
    static let maximumDischarge = SunSpecPoint(.uint16, 5, factor: 54)
    static let reserve = SunSpecPoint(.uint16, 10, factor: 56)
    static let charge = SunSpecPoint(.uint16, 11, factor: 56)
    static let voltage = SunSpecPoint(.uint16, 34, factor: 59)
    static let chargeCurrent = SunSpecPoint(.uint16, 45, factor: 62)
    static let dischargeCurrent = SunSpecPoint(.uint16, 46, factor: 62)
    static let power = SunSpecPoint(.int16, 47, factor: 63)
  }

  /// 803: a bank's strings; of the first block.
  enum Strings {
    static let count = SunSpecPoint(.uint16, 2)
    static let charge = SunSpecPoint(.uint16, 32, factor: 26)
  }
}
