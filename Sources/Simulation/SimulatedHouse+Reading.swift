import Quantities
import Sites

extension SimulatedHouse {
  /// What an ideal device that knows everything would say now.
  ///
  /// Devices of the street are made from it: each shows the part that its register map has.
  public func reading(device: DeviceName) -> DeviceReading {
    let flow = flow
    var reading = DeviceReading(device: device, at: now)
    reading.pvPower = flow.pv
    reading.loadPower = flow.load
    reading.gridPower = flow.grid
    reading.inverterPower = flow.inverter
    reading.ratedPower = equipment.rating
    reading.powerLimit = settings.powerLimit ?? equipment.rating
    reading.powerLimitPermille = share(ofRating: reading.powerLimit)
    // Without a limit the house may give all that its inverter can.
    reading.exportLimit = settings.exportLimit ?? equipment.rating
    if let charge = stateOfCharge {
      reading.batteryPower = flow.battery
      reading.stateOfCharge = charge
      reading.batteryCapacity = equipment.batteryCapacity
      reading.maximumCharge = equipment.maximumCharge
      reading.maximumDischarge = equipment.maximumDischarge
      reading.chargedTotal = register(totals.charged)
      reading.dischargedTotal = register(totals.discharged)
    }
    reading.importedTotal = importedTotal
    reading.exportedTotal = exportedTotal
    reading.generatedTotal = register(totals.pv)
    reading.totalResolution = equipment.registerResolution
    reading.operatingState =
      flow.curtailed > .zero ? .throttled : flow.pv > .zero ? .producing : .sleeping
    return reading
  }

  private func share(ofRating power: Power?) -> Int64? {
    guard let power, equipment.rating > .zero else { return nil }
    return min(1000, power.milliwatts / (equipment.rating.milliwatts / 1000))
  }
}
