import Planning
import Quantities
import Testing

@Suite struct CurtailmentProbeTests {
  /// One look: seconds, what is measured in watts, whether the panels are held back, what jobs
  /// draw, and what may be taken to be spare.
  typealias Look = (
    at: Int64, measured: Int64?, isCurtailed: Bool, jobs: Int64, possible: Int64?
  )

  /// Expects 2000 W of the sky at every look.
  private func hold(_ looks: [Look], by probe: inout CurtailmentProbe) {
    for look in looks {
      let possible = probe.possible(
        expected: Power(watts: 2000), measured: look.measured.map { Power(watts: $0) },
        isCurtailed: look.isCurtailed, jobsPower: Power(watts: look.jobs),
        at: Instant(millisecondsSince1970: 1_782_043_200_000) + TimeSpan(seconds: look.at))
      #expect(possible == look.possible.map { Power(watts: $0) }, "at \(look.at) s")
    }
  }

  @Test("believes the sky only while the panels are held back")
  func sky() {
    var probe = CurtailmentProbe()
    hold(
      [
        (0, 100, false, 0, nil), (60, 100, true, 0, 2000), (120, nil, true, 0, nil),
        (180, 2500, true, 0, nil), (240, 100, false, 0, nil),
      ], by: &probe)
  }

  @Test("measures again once the panels have answered a job")
  func answered() {
    var probe = CurtailmentProbe()
    hold(
      [
        (0, 100, true, 0, 2000), (15, 100, true, 1000, 2000), (30, 1000, true, 1000, 2000),
        (90, 1100, false, 1000, nil), (105, 200, false, 1000, nil),
      ], by: &probe)
  }

  @Test("rests when battery or grid had to carry the job, longer each time it was wrong")
  func wrong() {
    var probe = CurtailmentProbe()
    hold(
      [
        (0, 0, true, 0, 2000), (15, 0, true, 1000, 2000), (60, 0, false, 1000, 2000),
        (135, 0, false, 1000, nil), (150, 0, true, 0, nil), (1034, 0, true, 0, nil),
        (1035, 0, true, 0, 2000), (1050, 0, true, 1000, 2000), (1170, 0, true, 1000, nil),
        (2969, 0, true, 0, nil), (2970, 0, true, 0, 2000),
      ], by: &probe)
  }

  @Test("a clock that is set back does not make it rest for ever")
  func clockSetBack() {
    var probe = CurtailmentProbe()
    hold(
      [
        (1_000_000, 0, true, 1000, 2000), (1_000_120, 0, true, 1000, nil),
        (0, 0, true, 0, nil), (7200, 0, true, 0, 2000),
      ], by: &probe)
  }
}
