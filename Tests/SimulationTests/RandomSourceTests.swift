import Quantities
import Simulation
import Testing

@Suite struct RandomSourceTests {
  @Test("one seed gives one sequence, another seed another")
  func sequences() {
    var first = RandomSource(seed: 42)
    var again = RandomSource(seed: 42)
    var other = RandomSource(seed: 43)
    let numbers = (0..<100).map { _ in first.next() }
    #expect(numbers == (0..<100).map { _ in again.next() })
    #expect(numbers != (0..<100).map { _ in other.next() })
    #expect(Set(numbers).count == 100)
  }

  @Test("numbers stay within their bounds and reach both ends")
  func bounds() {
    var random = RandomSource(seed: 5)
    let numbers = (0..<2000).map { _ in random.within(-3...3) }
    #expect(numbers.min() == -3)
    #expect(numbers.max() == 3)
  }

  @Test("the sky gives the same light whichever way it is asked")
  func weatherIsAFunction() {
    let weather = Weather(seed: 9)
    let noon = Instant(millisecondsSince1970: 1_782_000_000_000) + TimeSpan(minutes: 780)
    let light = weather.irradiance(at: noon)
    _ = weather.irradiance(at: noon + .day)
    #expect(weather.irradiance(at: noon) == light)
    #expect(light > .zero)
    #expect(light <= Irradiance(wattsPerSquareMetre: 1000))
    #expect(weather.irradiance(at: noon + TimeSpan(minutes: 660)) == .zero)
  }
}
