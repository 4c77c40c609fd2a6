import Quantities
import Sites
import Testing
import Thrown

@Suite struct RelayBankTests {
  static let start = Instant(millisecondsSince1970: 1_782_000_000_000)
  static func at(_ seconds: Int64) -> Instant { start + TimeSpan(seconds: seconds) }

  static func plan(
    _ name: String, _ mode: RelayPlan.Mode, watts: Int64 = 0, on: Int64 = 60, off: Int64 = 60,
    group: String? = nil, dead: Int64 = 5
  ) -> RelayPlan {
    RelayPlan(
      name: name, mode: mode, power: Power(watts: watts), minimumOn: TimeSpan(seconds: on),
      minimumOff: TimeSpan(seconds: off), group: group, deadTime: TimeSpan(seconds: dead))
  }

  /// A turn at each 15 s from `from` to `to`; what was switched, and when.
  static func run(
    _ bank: inout RelayBank, from: Int64, to: Int64, unused: Int64?, charge: Int64? = nil
  ) -> [String] {
    var state = SiteState()
    state.hasBattery = true
    state.stateOfCharge = charge.map { Measured(StateOfCharge(percent: $0), at: start) }
    var switched: [String] = []
    for second in stride(from: from, through: to, by: 15) {
      // Whoever is on takes its part of what is unused.
      let left = unused.map { Power(watts: $0) - bank.drawing }
      let actions = bank.control(
        unused: left, isSurplus: left != nil, site: state, thresholds: SurplusThresholds(),
        at: at(second))
      switched += turns(actions).map { "\($0) \(second)" }
    }
    return switched
  }

  static func turns(_ actions: [RelayAction]) -> [String] {
    actions.compactMap { action in
      guard case .turn(let name, let on) = action else { return nil }
      return "\(name) \(on ? "on" : "off")"
    }
  }

  @Test("surplus is given in order, one at a time, and taken back from the last")
  func surplus() {
    var bank = RelayBank(
      plans: [Self.plan("boiler", .surplus, watts: 2000), Self.plan("pump", .surplus, watts: 500)],
      at: Self.start)
    // The minimum time off holds at the start; then a minute of enough for each.
    #expect(Self.run(&bank, from: 0, to: 300, unused: 3000) == ["boiler on 120", "pump on 195"])
    // 2200 W are enough for the boiler alone, after half a minute of too little.
    #expect(Self.run(&bank, from: 315, to: 600, unused: 2200) == ["pump off 345"])
    #expect(Self.run(&bank, from: 615, to: 900, unused: 100) == ["boiler off 645"])
  }

  @Test("a clock that is set back by a day holds no relay on for a day")
  func clockSetBack() {
    var bank = RelayBank(plans: [Self.plan("boiler", .surplus, watts: 2000)], at: Self.start)
    #expect(Self.run(&bank, from: 0, to: 150, unused: 3000) == ["boiler on 120"])
    #expect(
      Self.run(&bank, from: -86_400, to: -86_100, unused: 100) == ["boiler off -86370"])
  }

  @Test("without a margin above what it draws, nothing is switched on")
  func margin() {
    var bank = RelayBank(plans: [Self.plan("boiler", .surplus, watts: 2000)], at: Self.start)
    #expect(Self.run(&bank, from: 0, to: 900, unused: 2100) == [])
    #expect(Self.run(&bank, from: 915, to: 1200, unused: 2150) == ["boiler on 975"])
    // And it does not chatter there.
    #expect(Self.run(&bank, from: 1215, to: 9000, unused: 2060) == [])
  }

  @Test("stays on for its minimum time, and goes off at once after it when nothing is known")
  func unknown() {
    var bank = RelayBank(
      plans: [Self.plan("boiler", .surplus, watts: 2000, on: 600)], at: Self.start)
    #expect(Self.run(&bank, from: 0, to: 120, unused: 3000) == ["boiler on 120"])
    #expect(Self.run(&bank, from: 135, to: 900, unused: nil) == ["boiler off 720"])
  }

  @Test("sheds below the reserve, comes back 5% above it, and does nothing while unknown")
  func shedding() {
    var bank = RelayBank(plans: [Self.plan("freezer", .shed)], at: Self.start)
    #expect(Self.run(&bank, from: 0, to: 90, unused: nil, charge: 30) == [])
    #expect(Self.run(&bank, from: 105, to: 105, unused: nil, charge: 29) == ["freezer on 105"])
    #expect(Self.run(&bank, from: 120, to: 600, unused: nil, charge: 34) == [])
    #expect(Self.run(&bank, from: 615, to: 615, unused: nil, charge: 35) == ["freezer off 615"])
    #expect(Self.run(&bank, from: 690, to: 690, unused: nil, charge: 10) == ["freezer on 690"])
    #expect(Self.run(&bank, from: 750, to: 750, unused: nil, charge: nil) == ["freezer off 750"])
  }

  @Test("of a group one at most is on, with a pause between two")
  func interlock() throws {
    var bank = RelayBank(
      plans: ["up", "down"].map {
        Self.plan($0, .manual, on: 0, off: 0, group: "blind", dead: 10)
      }, at: Self.start)
    #expect(Self.turns(try bank.command("up", on: true, at: Self.at(10))) == ["up on"])
    let refusal = thrown(RelayRefusal.self) {
      _ = try bank.command("down", on: true, at: Self.at(11))
    }
    #expect(refusal?.reason == "up is on, and never both. RELAY up OFF first.")
    #expect(Self.turns(try bank.command("up", on: false, at: Self.at(20))) == ["up off"])
    let waiting = try bank.command("down", on: true, at: Self.at(21))
    #expect(waiting == [.wake(at: Self.at(30))])
    #expect(bank.waits(index: 1, at: Self.at(21)) == Self.at(30))
    #expect(Self.turns(bank.settle(at: Self.at(29))) == [])
    #expect(Self.turns(bank.settle(at: Self.at(30))) == ["down on"])
  }

  @Test("a relay of unknown state blocks its group, and is asked again to be off")
  func failure() throws {
    var bank = RelayBank(
      plans: ["up", "down"].map { Self.plan($0, .manual, on: 0, off: 0, group: "blind") },
      at: Self.start)
    _ = try bank.command("up", on: true, at: Self.at(10))
    #expect(bank.failed("up", because: "no such device", at: Self.at(10)).count == 1)
    #expect(bank.failed("up", because: "no such device", at: Self.at(11)).isEmpty)
    #expect(bank.hasTrouble)
    #expect(throws: RelayRefusal.self) { _ = try bank.command("down", on: true, at: Self.at(20)) }
    #expect(Self.turns(bank.settle(at: Self.at(59))) == [])
    #expect(Self.turns(bank.settle(at: Self.at(60))) == ["up off"])
    #expect(!bank.hasTrouble)
    #expect(bank.failed("up", because: "no such device", at: Self.at(60)).isEmpty)
    #expect(Self.turns(bank.settle(at: Self.at(120))) == ["up off"])
    #expect(Self.turns(try bank.command("down", on: true, at: Self.at(130))) == ["down on"])
  }

  @Test("everything off means at once, and nothing on until it is lifted")
  func hold() throws {
    var bank = RelayBank(
      plans: [
        Self.plan("boiler", .surplus, watts: 100, on: 3600), Self.plan("lamp", .manual, off: 0),
      ],
      at: Self.start)
    _ = Self.run(&bank, from: 0, to: 120, unused: 3000)
    _ = try bank.command("lamp", on: true, at: Self.at(130))
    #expect(Self.turns(bank.hold(at: Self.at(140))) == ["boiler off", "lamp off"])
    #expect(throws: RelayRefusal.self) { _ = try bank.command("lamp", on: true, at: Self.at(150)) }
    #expect(Self.run(&bank, from: 155, to: 900, unused: 3000) == [])
    bank.release()
    #expect(Self.run(&bank, from: 915, to: 1000, unused: 3000) == ["boiler on 975"])
  }

  @Test("only manual relays obey, and only those that there are")
  func refusals() {
    var bank = RelayBank(plans: [Self.plan("boiler", .surplus, watts: 1)], at: Self.start)
    let mode = thrown(RelayRefusal.self) {
      _ = try bank.command("boiler", on: true, at: Self.at(1))
    }
    #expect(mode?.reason.contains("surplus") == true)
    let name = thrown(RelayRefusal.self) {
      _ = try bank.command("bolier", on: true, at: Self.at(1))
    }
    #expect(name?.reason.contains("no relay") == true)
  }
}
