import Hardware
import Planning
import Quantities

/// The sections that say how the household wants its energy used.
extension Configuration {
  static let watts: ClosedRange<Int64> = 0...1_000_000

  static func battery(
    _ reader: inout ConfigurationReader
  ) throws(ConfigurationError) -> Battery? {
    guard var entry = try reader.object("battery") else { return nil }
    guard
      let capacity = try entry.integer(
        "capacityWattHours", in: 1...1_000_000, unit: "watt-hours")
    else { throw entry.missing("capacityWattHours", "the usable capacity in watt-hours") }
    let reserve = try entry.integer("reservePercent", in: 0...100, unit: "percent") ?? 30
    let charge = try entry.integer("maximumChargeWatts", in: watts, unit: "watts")
    let discharge = try entry.integer("maximumDischargeWatts", in: watts, unit: "watts")
    let efficiency = try entry.integer("efficiencyPercent", in: 50...100, unit: "percent")
    let wear = try entry.thousandths("wearPrice", in: prices, unit: "credits per kWh")
    let mayExport = try entry.boolean("mayExport")
    try entry.finish()
    let maximumCharge = Power(watts: charge ?? capacity / 2)
    var battery = Battery(
      capacity: Energy(wattHours: capacity), reserve: StateOfCharge(percent: reserve),
      maximumCharge: maximumCharge,
      maximumDischarge: discharge.map { Power(watts: $0) } ?? maximumCharge)
    if let efficiency { battery.efficiencyPermille = efficiency * 10 }
    if let mayExport { battery.mayExport = mayExport }
    if let wear { battery.wearPrice = Price(millicreditsPerKilowattHour: wear) }
    return battery
  }

  static func jobs(
    _ reader: inout ConfigurationReader, dataDirectory: String, devices: [Device]
  ) throws(ConfigurationError) -> Jobs? {
    guard var entry = try reader.object("jobs") else { return nil }
    var jobs = Jobs(directory: dataDirectory + "/jobs")
    jobs.engine = try entry.text("engine", engineForm)
    jobs.slurm = try slurm(&entry)
    guard jobs.engine == nil || jobs.slurm == nil else {
      throw entry.error("slurm", "expected engine or slurm, found both: who runs the jobs?")
    }
    if let power = try entry.integer("watts", in: 1...100_000, unit: "watts") {
      jobs.power = Power(watts: power)
    }
    jobs.commands = try commands(&entry, power: jobs.power)
    if jobs.slurm == nil, jobs.engine == nil, jobs.commands.isEmpty {
      throw entry.missing("engine", engineForm)
    }
    if let engine = jobs.engine { try checkEngine(engine, entry) }
    jobs.process = try engineProcess(&entry)
    guard jobs.process == nil || jobs.slurm == nil else {
      throw entry.error("slurm", "expected no unit or command beside it: Slurm starts its programs")
    }
    jobs.freeze = try entry.boolean("freeze") ?? true
    jobs.limitPower = try entry.boolean("limitPower") ?? false
    if let minutes = try entry.integer("stopAfterMinutes", in: 1...1440, unit: "minutes") {
      jobs.stopAfter = TimeSpan(minutes: minutes)
    }
    let minutes = try entry.integer("unloadAfterMinutes", in: 1...1440, unit: "minutes")
    jobs.unloadAfter = (minutes ?? (jobs.process == nil ? nil : 3)).map { TimeSpan(minutes: $0) }
    jobs.model = try entry.text("model", "a model's name") ?? ""
    if let slots = try entry.integer("slots", in: 1...64) { jobs.slots = Int(slots) }
    let sensors =
      (["auto", "none"] + PowerSensor.Kind.allCases.map(\.rawValue)).joined(separator: ", ")
      + " or the name of a device"
    if let word = try entry.text("powerSensor", "one of " + sensors) {
      jobs.powerSensor = PowerSensing(word: word)
      if case .device(let name) = jobs.powerSensor, !devices.contains(where: { $0.name == name }) {
        throw entry.error("powerSensor", "expected one of \(sensors), found \"\(word.prefix(40))\"")
      }
    }
    if let directory = try entry.text("directory", "an absolute path") {
      guard directory.hasPrefix("/") else {
        throw entry.error("directory", "expected an absolute path, found \"\(directory)\"")
      }
      jobs.directory = directory
    }
    jobs.api = try api(&entry, dataDirectory: dataDirectory)
    jobs.watchedFolder = try watchedFolder(&entry, dataDirectory: dataDirectory)
    try entry.finish()
    return jobs
  }

  static let prices: ClosedRange<Int64> = 0...1_000_000_000

  static func market(_ reader: inout ConfigurationReader) throws(ConfigurationError) -> Trading {
    var market = Trading()
    guard var entry = try reader.object("market") else { return market }
    market.enabled = try entry.boolean("enabled") ?? false
    let unit = "credits per kWh"
    if let price = try entry.thousandths("sellAtLeast", in: prices, unit: unit) {
      market.sellAtLeast = Price(millicreditsPerKilowattHour: price)
    }
    if let price = try entry.thousandths("buyAtMost", in: prices, unit: unit) {
      market.buyAtMost = Price(millicreditsPerKilowattHour: price)
    }
    if let claims = try entry.thousandths("claimsAtMost", in: prices, unit: "credits") {
      market.claimsAtMost = Credits(millicredits: claims)
    }
    market.computing = try computing(&entry)
    try entry.finish()
    return market
  }

  static func surplus(
    _ reader: inout ConfigurationReader
  ) throws(ConfigurationError) -> Surplus {
    var surplus = Surplus()
    guard var entry = try reader.object("surplus") else { return surplus }
    if let power = try entry.integer("startWatts", in: watts, unit: "watts") {
      surplus.start = Power(watts: power)
    }
    if let power = try entry.integer("stopWatts", in: watts, unit: "watts") {
      surplus.stop = Power(watts: power)
    }
    if let seconds = try entry.integer("startSeconds", in: 0...3600, unit: "seconds") {
      surplus.startAfter = TimeSpan(seconds: seconds)
    }
    if let seconds = try entry.integer("stopSeconds", in: 0...3600, unit: "seconds") {
      surplus.stopAfter = TimeSpan(seconds: seconds)
    }
    guard surplus.stop < surplus.start else {
      throw entry.error(
        "stopWatts",
        "expected less than startWatts (\(surplus.start.watts)), found \(surplus.stop.watts)")
    }
    try entry.finish()
    return surplus
  }

  static func text(_ reader: inout ConfigurationReader) throws(ConfigurationError) -> Text {
    var text = Text()
    guard var entry = try reader.object("text") else { return text }
    let expected = "a number such as +255700000000"
    text.readers = try entry.texts("readers", expected, atMost: 32)
    for number in text.readers {
      let digits = number.dropFirst(number.hasPrefix("+") ? 1 : 0)
      guard (3...15).contains(digits.count), digits.allSatisfy({ $0.isASCII && $0.isNumber })
      else { throw entry.error("readers", "expected \(expected), found \"\(number.prefix(40))\"") }
    }
    if let spool = try entry.text("spool", "an absolute path") {
      guard spool.hasPrefix("/") else {
        throw entry.error("spool", "expected an absolute path, found \"\(spool.prefix(80))\"")
      }
      text.spool = spool
    }
    guard text.readers.isEmpty || text.spool != nil else {
      throw entry.missing("spool", "gammu-smsd's folder, since readers are listed")
    }
    try entry.finish()
    return text
  }
}
