import Quantities

extension DeviceControl {
  /// The most times a day that flash may be written.
  static let mostDailyWrites = 1000

  /// Throws for the first field that can't work, naming it as a profile's file does.
  func check() throws(DeviceProfileProblem) {
    func require(_ holds: Bool, _ field: String, _ expected: String) throws(DeviceProfileProblem) {
      if !holds { throw DeviceProfileProblem(field: field, expected: expected) }
    }
    if case .timeout(let span) = failSafe {
      let spans = TimeSpan(seconds: 2)...TimeSpan(seconds: 86_400)
      try require(spans.contains(span), "timeoutSeconds", "2 to 86400")
    }
    if case .flash(let writes) = memory {
      try require(
        (1...Self.mostDailyWrites).contains(writes), "dailyWrites", "1 to \(Self.mostDailyWrites)")
    }
    switch control {
    case .reserve:
      try require(range.lowerBound >= 0, "minimum", "0 to 100 %")
      try require(range.upperBound <= 1000, "maximum", "0 to 100 %")
    case .exportLimit, .powerLimit:
      try require(range.lowerBound >= 0, "minimum", "0 W or more")
    case .batteryPower:
      try require(range.contains(0), "minimum", "0 W or less, so that the battery can be left idle")
    }
    try require((1...32).contains(write.count), "write", "1 to 32 registers")
    try require(
      (1...32).contains(release.count), "release",
      "1 to 32 registers that give the device back to itself")
    try require(
      write.contains { !$0.content.isFixed }, "write",
      "a register whose value is what was requested")
    try check(write, "write")
    try check(release, "release")
    for (index, register) in release.enumerated() where !register.content.isFixed {
      throw DeviceProfileProblem(
        field: "release[\(index)].value", expected: "a number, because nothing is requested then")
    }
  }

  private func check(
    _ registers: [ControlRegister], _ field: String
  ) throws(DeviceProfileProblem) {
    for (index, register) in registers.enumerated() {
      let path = "\(field)[\(index)]"
      let last = 65536 - register.type.width
      guard (0...last).contains(register.address) else {
        throw DeviceProfileProblem(
          field: path + ".address", expected: "a zero-based register number, 0 to \(last)")
      }
      let isTaken = registers[..<index].contains { earlier in
        register.address < earlier.address + earlier.type.width
          && earlier.address < register.address + register.type.width
      }
      guard !isTaken else {
        throw DeviceProfileProblem(
          field: path + ".address", expected: "an address that is written once")
      }
      if let expected = problem(of: register) {
        throw DeviceProfileProblem(field: path + ".value", expected: expected)
      }
    }
  }

  /// What was expected of the register's content; nil when it can be written.
  private func problem(of register: ControlRegister) -> String? {
    let counts = register.type.counts
    func fits(_ number: Int64) -> Bool { counts.contains(number) }
    let numbers = "numbers of \(counts.lowerBound) to \(counts.upperBound) for "
    switch register.content {
    case .constant(let number):
      return fits(number) ? nil : numbers + register.type.rawValue
    case .byDirection(let charging, let discharging, let idle):
      guard control == .batteryPower else {
        return "a direction only where batteryPower is steered"
      }
      return fits(charging) && fits(discharging) && fits(idle)
        ? nil : numbers + register.type.rawValue
    case .charging, .discharging, .magnitude:
      return control == .batteryPower ? nil : "requested, because only batteryPower has directions"
    case .timeoutSeconds:
      guard case .timeout = failSafe else { return "no time-out, because the control has none" }
      return nil
    case .requested: return nil
    }
  }
}

extension ControlRegister.Content {
  /// Whether it is the same whatever is requested.
  var isFixed: Bool {
    switch self {
    case .constant, .timeoutSeconds: true
    case .requested, .charging, .discharging, .magnitude, .byDirection: false
    }
  }
}
