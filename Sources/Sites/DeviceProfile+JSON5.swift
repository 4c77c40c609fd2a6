import Quantities

/// The JSON5 form of a profile; every duration and limit has its unit in its name.
extension DeviceProfile {
  /// The most bytes that a profile may have.
  public static let maximumBytes = 65_536

  /// Reads a profile from its text and checks it; the first thing that is wrong is thrown, with its
  /// line. `file` is what errors call it.
  public init(json5 text: [UInt8], file: String = "profile") throws(JSON5Error) {
    guard text.count <= Self.maximumBytes else {
      throw JSON5Error(
        file: file, line: nil, field: "",
        message: "\(text.count) bytes; expected at most \(Self.maximumBytes)")
    }
    let root: JSON5Node
    do { root = try JSON5Parser.parse(text) } catch {
      throw JSON5Error(file: file, line: error.line, field: "", message: error.message)
    }
    var reader = try JSON5Reader(file: file, path: "", node: root)
    let name = try reader.requiredText("name", "what a configuration calls it")
    let maker = try reader.requiredText("maker", "who makes the devices")
    let devices = try reader.requiredText("devices", "the devices that it fits")
    let source = try reader.text("source", "where the figures were read") ?? ""
    let manners = try Self.manners(&reader)
    var registers: [DeviceRegister] = []
    guard reader.node("registers") != nil else {
      throw reader.missing("registers", "a list of registers")
    }
    for var entry in try reader.objects("registers", atMost: Self.maximumRegisters) {
      registers.append(try DeviceRegister(&entry))
    }
    var controls: [DeviceControl] = []
    for var entry in try reader.objects("controls", atMost: Control.allCases.count) {
      controls.append(try DeviceControl(&entry))
    }
    try reader.finish()
    do {
      try self.init(
        name: name, maker: maker, devices: devices, source: source, manners: manners,
        registers: registers, controls: controls)
    } catch {
      throw JSON5Error(
        file: file, line: root.line(of: error.field), field: error.field,
        message: "expected \(error.expected)")
    }
  }

  private static func manners(_ reader: inout JSON5Reader) throws(JSON5Error) -> Manners {
    var manners = Manners()
    let code = try reader.requiredInteger("functionCode", in: 3...4)
    manners.table = code == 3 ? .holding : .input
    manners.wordOrder =
      try reader.choice("wordOrder", of: RegisterType.WordOrder.self) ?? manners.wordOrder
    manners.unit = try reader.integer("unit", in: 0...255).map(UInt8.init(truncatingIfNeeded:))
    manners.serial = try serial(&reader)
    func span(
      _ field: String, _ range: ClosedRange<Int64>, _ reader: inout JSON5Reader
    ) throws(JSON5Error) -> TimeSpan? {
      try reader.integer(field, in: range, unit: "milliseconds").map(TimeSpan.init(milliseconds:))
    }
    manners.connectDelay = try span("connectDelayMilliseconds", 0...10_000, &reader) ?? .zero
    manners.gap = try span("gapMilliseconds", 0...10_000, &reader) ?? .zero
    manners.timeout = try span("timeoutMilliseconds", 50...60_000, &reader)
    manners.disconnects = try reader.boolean("disconnects") ?? false
    if let maximum = try reader.integer("maximumRegistersPerRead", in: 2...125) {
      manners.maximumRegistersPerRead = Int(maximum)
    }
    if let limit = try reader.integer("holeLimit", in: 0...120) { manners.holeLimit = Int(limit) }
    if let seconds = try reader.integer("slowPollSeconds", in: 1...86_400, unit: "seconds") {
      manners.slowPoll = TimeSpan(seconds: seconds)
    }
    let steps = 1...magnitudeLimit
    if let step = try reader.integer("totalResolutionMilliwattHours", in: steps, unit: "mWh") {
      manners.totalResolution = Energy(milliwattHours: step)
    }
    if let watts = try reader.integer("largestPowerWatts", in: 1...1_000_000_000, unit: "watts") {
      manners.largestPower = Power(watts: watts)
    }
    return manners
  }

  private static func serial(_ reader: inout JSON5Reader) throws(JSON5Error) -> SerialFormat? {
    guard var entry = try reader.object("serial") else { return nil }
    var serial = SerialFormat()
    if let baud = try entry.integer("baud", in: 1200...115_200, unit: "bits a second") {
      serial.baud = Int(baud)
    }
    serial.parity = try entry.choice("parity", of: SerialFormat.Parity.self) ?? serial.parity
    if let bits = try entry.integer("stopBits", in: 1...2) { serial.stopBits = Int(bits) }
    try entry.finish()
    return serial
  }
}
