import Planning
import Quantities
import Sites
import Testing

@Suite("What jobs draw by the computing side's own sensor")
struct ComputingPowerTests {
  static func at(_ seconds: Int64) -> Instant { Instant(millisecondsSince1970: seconds * 1000) }

  /// A machine that drew 40 W at rest for a while.
  static var rested: ComputingPower {
    var computing = ComputingPower()
    for second in stride(from: Int64(0), through: 120, by: 15) {
      computing.take(Power(watts: 40), isWorking: false, at: at(second))
    }
    return computing
  }

  @Test("is the measurement less what the machine draws at rest")
  func drawing() {
    var computing = Self.rested
    #expect(computing.idle == Power(watts: 40))
    computing.take(Power(watts: 240), isWorking: true, at: Self.at(135))
    #expect(computing.latest?.quality == .estimated)
    #expect(
      computing.drawing(stated: Power(watts: 300), at: Self.at(140)) == Power(watts: 200))
    #expect(computing.idle == Power(watts: 40))
  }

  @Test("is unknown when the measurement is old or rest was never seen")
  func unknown() {
    var computing = Self.rested
    computing.take(Power(watts: 240), isWorking: true, at: Self.at(135))
    #expect(computing.drawing(stated: Power(watts: 300), at: Self.at(196)) == nil)
    #expect(computing.drawing(stated: Power(watts: 300), at: Self.at(134)) == nil)
    var busy = ComputingPower()
    busy.take(Power(watts: 240), isWorking: true, at: Self.at(0))
    #expect(busy.drawing(stated: Power(watts: 300), at: Self.at(1)) == nil)
    // A machine that has just been let go is not at rest yet.
    busy.take(Power(watts: 200), isWorking: false, at: Self.at(15))
    #expect(busy.idle == nil)
    busy.take(Power(watts: -5), isWorking: false, at: Self.at(90))
    #expect(busy.latest?.value == Power(watts: 200))
  }

  @Test("never says much more than the job states, nor less than nothing")
  func bounds() {
    var computing = Self.rested
    computing.take(Power(watts: 9000), isWorking: true, at: Self.at(135))
    #expect(
      computing.drawing(stated: Power(watts: 200), at: Self.at(135)) == Power(watts: 300))
    computing.take(Power(watts: 10), isWorking: true, at: Self.at(136))
    #expect(computing.drawing(stated: Power(watts: 200), at: Self.at(136)) == .zero)
    #expect(computing.drawing(stated: .zero, at: Self.at(136)) == .zero)
  }
}
