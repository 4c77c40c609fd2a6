import Quantities
import Sites
import Testing

/// A day of faults at one register, drawn from a seed, with the truth beside it.
private struct FaultyDay {
  static let step: Int64 = 10_000
  static let poll: Int64 = 5
  /// What the high word counts: a torn reading is off by so much.
  static let half = 65_536 * step

  var bench = SiteBench([RegisterTests.meter])
  var random: UInt64
  /// What has really flowed, in mWh, and a finer rest of it in mW s.
  var truth: Int64 = 0
  var rest: Int64 = 0
  /// What the register stood at when `truth` was `begun`.
  var base: Int64 = 123_456_000
  var begun: Int64 = 0
  /// The truth at the last good reading, and at the last slot's first.
  var truthRead: Int64 = 0
  var truthSaved: Int64 = 0
  var slot = Int64.min
  /// What may be missing from the total.
  var allowedLoss: Int64 = 0
  var resets = 0
  /// A new beginning that no good reading has shown yet.
  var isUnread = false
  /// Whether no good reading came since the agent's start: it knows only what was stored.
  var isFresh = true
  /// The highest total seen that must hold.
  var highest = Int64.min
  var firstTruth: Int64?
  var firstTotal: Int64 = 0

  init(seed: UInt64) { random = seed }

  mutating func draw(_ range: ClosedRange<Int64>) -> Int64 {
    random = random &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return range.lowerBound + Int64(random >> 33) % (range.upperBound - range.lowerBound + 1)
  }

  mutating func flow(_ seconds: Int64, watts: Int64) {
    rest += watts * 1000 * seconds
    truth += rest / 3600
    rest %= 3600
  }

  /// What the device's register says, in whole steps.
  var register: Int64 { (base + truth - begun) / Self.step * Self.step }

  mutating func beginAnew(at newBase: Int64) {
    if isFresh {
      // What was seen and not stored is gone.
      truthRead = min(truthRead, truthSaved)
      highest = .min
    }
    base = newBase
    begun = truth
    resets += 1
    isUnread = true
  }

  mutating func read(_ second: Int64, raw: Int64) {
    var reading = DeviceReading(device: "meter", at: SiteBench.at(second))
    reading.gridPower = Power(watts: 100)
    reading.importedTotal = Energy(milliwattHours: max(0, raw))
    reading.totalResolution = Energy(milliwattHours: Self.step)
    bench.read(reading)
  }

  /// A good reading; what a new beginning hid up to now can't be known.
  mutating func readWell(_ second: Int64) {
    if isUnread {
      allowedLoss += truth - truthRead + Self.step
      isUnread = false
    }
    read(second, raw: register)
    truthRead = truth
    isFresh = false
    let now = TimeSlot(containing: SiteBench.at(second)).index
    if now != slot {
      slot = now
      truthSaved = truth
    }
  }

  mutating func restart(_ second: Int64) {
    bench.restart(at: SiteBench.at(second))
    isFresh = true
    // A dip is none to whom has forgotten the latest count.
    if highest > 0 { highest -= 3 * Self.step }
  }

  func total(_ second: Int64) -> Int64? {
    bench.site.state(at: SiteBench.at(second)).importedTotal?.value.rawValue
  }
}

@Suite("A day of faults at a register") struct RegisterDayTests {
  @Test(
    "ends with the truth, less what each new beginning hid, and never goes back",
    arguments: UInt64(1)...20)
  func day(_ seed: UInt64) {
    var day = FaultyDay(seed: seed)
    var second: Int64 = 0
    var watts: Int64 = 500
    var calmUntil: Int64 = 60
    while second < 86_400 {
      second += FaultyDay.poll
      day.flow(FaultyDay.poll, watts: watts)
      if second % 300 == 0 { watts = day.draw(0...11_000) }
      switch second < calmUntil ? -1 : day.draw(0...400) {
      case 0...20: day.read(second, raw: day.register - FaultyDay.step * day.draw(1...3))
      case 21...30: day.read(second, raw: day.register + FaultyDay.half)
      case 31...36:
        let isHigh = day.register >= FaultyDay.half
        day.read(second, raw: day.register + (isHigh ? -1 : 1) * FaultyDay.half)
      case 37...40: day.read(second, raw: day.draw(0...1_000_000_000) * 1000)
      case 41...60: day.bench.fail("meter", at: SiteBench.at(second))
      case 61:
        // Nobody answers for a while.
        let gap = day.draw(1...360) * FaultyDay.poll
        second += gap
        day.flow(gap, watts: watts)
      case 62:
        day.beginAnew(at: day.draw(0...1) * FaultyDay.step)
        calmUntil = second + 180
      case 63 where second % 7 == 0:
        day.beginAnew(at: day.draw(10...1_000_000) * 1_000_000)
        calmUntil = second + 180
      case 64:
        // Killed; a few seconds to two minutes later it is back.
        let pause = day.draw(1...24) * FaultyDay.poll
        second += pause
        day.flow(pause, watts: watts)
        day.restart(second)
        if day.isUnread || day.draw(0...5) == 0 {
          // The power cut took the register along.
          day.beginAnew(at: 0)
          calmUntil = second + 180
        }
      default: day.readWell(second)
      }
      guard let total = day.total(second) else { continue }
      if day.firstTruth == nil {
        day.firstTruth = day.truthRead
        day.firstTotal = total
      }
      #expect(total >= day.highest, "seed \(seed): the total went back at \(second) s")
      day.highest = max(day.highest, total)
    }
    for extra in Int64(1)...24 {
      day.flow(FaultyDay.poll, watts: watts)
      day.readWell(second + extra * FaultyDay.poll)
    }
    let moved = (day.total(second + 24 * FaultyDay.poll) ?? 0) - day.firstTotal
    let flowed = day.truth - (day.firstTruth ?? 0)
    #expect(moved <= flowed + FaultyDay.step, "seed \(seed)")
    #expect(moved >= flowed - day.allowedLoss - FaultyDay.step, "seed \(seed)")
    #expect(moved > 0 && day.resets > 0)
  }
}
