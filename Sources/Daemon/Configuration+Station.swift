import Hardware
import HeliographCore
import Ledger
import Market
import Planning
import Mesh
import Quantities
import Sealing
import Sites
import Texting

extension Configuration {
  /// What the station is told; `keys` is the node's key pair, `localTime` its zone's offsets.
  func stationConfiguration(keys: KeyPair, localTime: LocalTime) -> StationConfiguration {
    var station = StationConfiguration(
      name: name, keys: keys, community: Community(name: community), localTime: localTime,
      devices: devices.map {
        SiteDevice(
          name: $0.name, pollInterval: $0.poll, provides: $0.provides ?? SiteQuantity.allCases,
          owes: $0.provides ?? owed)
      } + pulseDevices,
      battery: battery.map {
        StationConfiguration.BatteryPlant(
          capacity: $0.capacity, maximumCharge: $0.maximumCharge,
          maximumDischarge: $0.maximumDischarge, efficiencyPermille: $0.efficiencyPermille,
          wearPrice: $0.wearPrice, mayExport: $0.mayExport)
      },
      surplus: surplusThresholds,
      market: MarketPolicy(
        enabled: market.enabled, sellAtLeast: market.sellAtLeast, buyAtMost: market.buyAtMost,
        claimsAtMost: market.claimsAtMost),
      tariff: tariff,
      neighbours: peers.map { Neighbour(name: $0.name, key: $0.key) },
      readers: SMSAdmission(readers: text.readers), controlInterval: control,
      steering: SteeringRules(
        devices: devices.map {
          SteeringRules.Device(
            name: $0.name, freshnessLimit: TimeSpan(milliseconds: 3 * $0.poll.milliseconds),
            isSteered: $0.steer, profile: $0.profile)
        },
        guardianGap: Guardian.gap(guardian, surroundings: .system())))
    station.measuresComputing = jobs?.sensor != nil
    station.computingMeter = jobs?.meteredBy
    if let jobs {
      let starts = jobs.process != nil
      station.engine = EngineManagement(
        startsEngine: starts, freezes: starts && jobs.freeze, stopAfter: jobs.stopAfter,
        unloadAfter: jobs.unloadAfter)
    }
    station.pulseMeters = pulseMeterPlans
    station.relays = relays.map(\.plan)
    station.hasLight = light != nil
    station.exportLimit = exportLimit
    station.place = place
    station.panels = panels
    return station
  }

  /// What must be known of this house before anything is called spare.
  private var owed: [SiteQuantity] {
    battery == nil ? [.grid] : [.grid, .battery, .stateOfCharge]
  }

  private var surplusThresholds: SurplusThresholds {
    var thresholds = SurplusThresholds(
      enter: surplus.start, enterAfter: surplus.startAfter, exit: surplus.stop,
      exitAfter: surplus.stopAfter)
    if let battery {
      thresholds.reserve = battery.reserve
      thresholds.maximumCharge = battery.maximumCharge
    }
    return thresholds
  }
}

extension Configuration {
  /// The offsets of the household's zone from `instant` on.
  func localTime(from instant: Instant) throws(ServiceError) -> LocalTime {
    guard let localTime = TimeZoneTable.localTime(zone: timeZone, from: instant) else {
      throw ServiceError(
        "timeZone: the system knows no zone \"\(timeZone)\": expected an IANA name such as "
          + "Europe/Berlin (Debian's package tzdata has them)")
    }
    return localTime
  }

  /// Checks what the node can run without, and waits for: the price list.
  func checkOutlook() throws(ServiceError) {
    guard let priceList else { return }
    do throws(PriceListError) { _ = try PriceList(file: priceList) } catch {
      throw ServiceError("tariff.prices: \(error)")
    }
  }

  /// Checks what the file refers to: the time zone, the profiles, the GPIO lines.
  func checkSurroundings() throws(ServiceError) {
    _ = try localTime(from: NodeClock(clock).now())
    _ = try Devices(self)
    do throws(GPIOError) { try GPIOLines.check(gpioPlan) } catch { throw ServiceError("\(error)") }
    if let file = jobs?.api.keyFile { _ = try APIKey.read(file) }
  }
}
