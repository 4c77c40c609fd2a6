import Sites
import Testing

@Suite struct ButtonAndLightTests {
  @Test(
    "a press is what was held, bounces are none",
    arguments: [
      ([100, 400], ButtonPress.short), ([100, 101, 103, 400, 401, 402], .short),
      ([100, 130], nil), ([100, 5100], .long), ([100, 9000], .long),
    ] as [([Int64], ButtonPress?)])
  func presses(_ times: [Int64], _ expected: ButtonPress?) {
    var button = OperatorButton()
    var presses: [ButtonPress] = []
    for (index, time) in times.enumerated() {
      let edge = LineEdge(nanoseconds: time * 1_000_000, isActive: index % 2 == 0)
      if let press = button.take(edge) { presses.append(press) }
    }
    #expect(presses == [expected].compactMap { $0 })
    #expect(button.deadline == nil)
  }

  @Test("a long press acts while the button is still held, and once")
  func longPress() {
    var button = OperatorButton()
    #expect(button.take(LineEdge(nanoseconds: 1_000_000, isActive: true)) == nil)
    #expect(button.deadline == 5_001_000_000)
    #expect(button.elapsed(atNanoseconds: 5_000_999_999) == nil)
    #expect(button.elapsed(atNanoseconds: 5_001_000_000) == .long)
    #expect(button.elapsed(atNanoseconds: 9_000_000_000) == nil)
    #expect(button.take(LineEdge(nanoseconds: 9_000_000_000, isActive: false)) == nil)
    _ = button.take(LineEdge(nanoseconds: 10_000_000_000, isActive: true))
    #expect(button.take(LineEdge(nanoseconds: 10_200_000_000, isActive: false)) == .short)
  }

  @Test("trouble shows before work, and work before rest")
  func light() {
    #expect(StatusLight(isTroubled: true, isWorking: true) == .fast)
    #expect(StatusLight(isTroubled: false, isWorking: true) == .slow)
    #expect(StatusLight(isTroubled: false, isWorking: false) == .steady)
    let times: [Int64] = [0, 99, 100, 999, 1000, 1999, 2000]
    #expect(times.filter(StatusLight.steady.isLit) == times)
    #expect(times.filter(StatusLight.slow.isLit) == [0, 99, 100, 999, 2000])
    #expect(times.filter(StatusLight.fast.isLit) == [0, 99, 1000, 2000])
  }
}
