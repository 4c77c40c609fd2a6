import Quantities

extension DeviceControl {
  private enum FailSafeName: String, CaseIterable { case timeout, guardian }
  private enum MemoryName: String, CaseIterable { case volatile, flash }

  /// Takes a control from the object that describes it; the profile checks what it says.
  init(_ entry: inout JSON5Reader) throws(JSON5Error) {
    let control = try entry.requiredChoice("control", of: Control.self)
    let failSafe = try Self.failSafe(&entry)
    let memory = try Self.memory(&entry)
    let unit = control == .reserve ? "percent" : "watts"
    let most: Int64 = control == .reserve ? 100 : 1_000_000
    let minimum = try entry.requiredInteger("minimum", in: -most...most, unit: unit)
    let maximum = try entry.requiredInteger("maximum", in: -most...most, unit: unit)
    guard minimum <= maximum else {
      throw entry.error("maximum", "expected \(unit) of \(minimum) or more, found \(maximum)")
    }
    var lists: [[ControlRegister]] = []
    for field in ["write", "release"] {
      guard entry.node(field) != nil else {
        throw entry.missing(field, "a list of registers to write")
      }
      var registers: [ControlRegister] = []
      for var register in try entry.objects(field, atMost: 32) {
        registers.append(try ControlRegister(&register))
      }
      lists.append(registers)
    }
    try entry.finish()
    self.init(
      control: control, failSafe: failSafe, memory: memory,
      range: (minimum * control.base)...(maximum * control.base), write: lists[0],
      release: lists[1])
  }

  private static func failSafe(_ entry: inout JSON5Reader) throws(JSON5Error) -> FailSafe {
    let name = try entry.requiredChoice("failSafe", of: FailSafeName.self)
    let seconds = try entry.integer("timeoutSeconds", in: 2...86_400, unit: "seconds")
    switch name {
    case .guardian:
      guard seconds == nil else {
        throw entry.error("timeoutSeconds", "expected only where failSafe is \"timeout\"")
      }
      return .guardian
    case .timeout:
      guard let seconds else {
        throw entry.missing("timeoutSeconds", "after how long the device goes its own way again")
      }
      return .timeout(TimeSpan(seconds: seconds))
    }
  }

  private static func memory(_ entry: inout JSON5Reader) throws(JSON5Error) -> Memory {
    let name = try entry.requiredChoice("memory", of: MemoryName.self)
    let writes = try entry.integer("dailyWrites", in: 1...Int64(mostDailyWrites))
    switch name {
    case .volatile:
      guard writes == nil else {
        throw entry.error("dailyWrites", "expected only where memory is \"flash\"")
      }
      return .volatile
    case .flash:
      guard let writes else {
        throw entry.missing("dailyWrites", "how often a day flash may be written, such as 8")
      }
      return .flash(dailyWrites: Int(writes))
    }
  }
}

extension ControlRegister {
  private enum Word: String, CaseIterable {
    case requested, charging, discharging, magnitude, timeoutSeconds
  }

  /// Takes a register to write from the object that describes it.
  init(_ entry: inout JSON5Reader) throws(JSON5Error) {
    let address = try entry.requiredInteger("address", in: 0...65_535)
    let type = try entry.choice("type", of: RegisterType.self) ?? .u16
    let wordOrder = try entry.choice("wordOrder", of: RegisterType.WordOrder.self)
    let scale = try entry.scale("scale")
    let sign = try entry.sign("sign")
    let content = try Self.content(&entry)
    try entry.finish()
    self.init(
      address: Int(address), type: type, wordOrder: wordOrder, scale: scale, sign: sign,
      content: content)
  }

  private static func content(_ entry: inout JSON5Reader) throws(JSON5Error) -> Content {
    let numbers = -magnitudeLimit...magnitudeLimit
    guard let node = entry.node("value") else {
      throw entry.missing("value", "\"requested\", a number, or a number for each direction")
    }
    switch node.value {
    case .number: return .constant(try entry.requiredInteger("value", in: numbers))
    case .object:
      guard var fields = try entry.object("value") else { return .requested }
      let charging = try fields.requiredInteger("charging", in: numbers)
      let discharging = try fields.requiredInteger("discharging", in: numbers)
      let idle = try fields.requiredInteger("idle", in: numbers)
      try fields.finish()
      return .byDirection(charging: charging, discharging: discharging, idle: idle)
    default:
      switch try entry.requiredChoice("value", of: Word.self) {
      case .requested: return .requested
      case .charging: return .charging
      case .discharging: return .discharging
      case .magnitude: return .magnitude
      case .timeoutSeconds: return .timeoutSeconds
      }
    }
  }
}
