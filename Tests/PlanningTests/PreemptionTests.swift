import Planning
import Quantities
import Testing

@Suite("Preemption")
struct PreemptionTests {
  /// What a pause of a 300 W job does without any sun, at 30 to buy and 10 to sell.
  private static func choice(
    _ pace: EnginePace?, prompt: Int64 = 100, short: Int64 = 300
  ) -> PauseKind {
    Preemption(
      power: Power(watts: 300), short: Power(watts: short),
      importPrice: Price(creditsPerKilowattHour: 30),
      exportPrice: Price(creditsPerKilowattHour: 10)
    ).choice(pace, promptTokens: prompt)
  }

  private static func pace(
    seconds: Int64, reading: Int64? = 200_000, continues: Bool = true
  ) -> EnginePace {
    EnginePace(
      answers: 8, request: TimeSpan(seconds: seconds), generation: 50_000, reading: reading,
      continues: continues)
  }

  @Test(
    "breaks off what would take long from the grid and is soon read again, and nothing else",
    arguments: [
      // A short request is not worth it.
      (pace(seconds: 4), 100, 300, .drain), (pace(seconds: 60), 100, 300, .cut),
      // An engine that can't go on, or of which nothing is known.
      (pace(seconds: 600, continues: false), 100, 300, .drain), (nil, 100, 300, .drain),
      // A long conversation that takes a quarter of an hour to read again.
      (pace(seconds: 60, reading: 10_000), 9_000, 300, .drain),
      // There is sun for nearly all of it.
      (pace(seconds: 20), 100, 10, .drain), (pace(seconds: 60, reading: nil), 100, 300, .cut),
    ] as [(EnginePace?, Int64, Int64, PauseKind)])
  func chooses(pace: EnginePace?, prompt: Int64, short: Int64, expected: PauseKind) {
    #expect(Self.choice(pace, prompt: prompt, short: short) == expected)
  }

  @Test("a queue pauses as the measured pace has it")
  func queue() throws {
    var house = QueueHarness()
    house.queue.importPrice = Price(creditsPerKilowattHour: 30)
    house.queue.exportPrice = Price(creditsPerKilowattHour: 10)
    _ = try house.add(QueueHarness.batch())
    _ = house.control(0, spare: 500)
    var progress = JobProgress(
      job: JobNumber(1), completed: 2, failed: 0, inFlight: 2, promptTokens: 200,
      completionTokens: 4000, feeding: true)
    progress.pace = Self.pace(seconds: 40)
    _ = house.words(house.queue.progress(progress, at: QueueHarness.at(100)))
    _ = house.control(200, spare: 0, surplus: false)
    let said = house.control(261, spare: 0, surplus: false)
    #expect(said.first == "cut 1")
    // What was learned of the model outlives a restart.
    let record = try #require(house.restarted(at: 300).harness.queue.engineRecord(of: "model"))
    #expect(record.pace == Self.pace(seconds: 40))
    #expect(record.bestGeneration == 50_000)
  }

  @Test("says once that a model is far slower than it was, and once that it is fast again")
  func fallback() throws {
    var house = QueueHarness()
    _ = try house.add(QueueHarness.batch(requests: 1000))
    _ = house.control(0, spare: 500)
    func answered(_ count: Int, _ generation: Int64) -> [String] {
      var progress = JobProgress(
        job: JobNumber(1), completed: count, failed: 0, inFlight: 1, completionTokens: 0,
        feeding: true)
      progress.pace = EnginePace(
        answers: count, request: TimeSpan(seconds: 2), generation: generation, continues: false)
      return house.words(house.queue.progress(progress, at: QueueHarness.at(Int64(count))))
    }
    #expect(answered(3, 49_000).isEmpty)
    #expect(answered(8, 49_000).isEmpty)
    #expect(answered(9, 13_000).isEmpty, "a quarter is still the same machine, busy")
    let said = answered(10, 3_900)
    #expect(
      said == [
        "model gives 3.9 tokens/s where it gave 49: has the engine lost its GPU and fallen back "
          + "to the CPU?"
      ])
    #expect(answered(11, 3_800).isEmpty)
    #expect(answered(12, 48_000) == ["model is fast again: 48 tokens/s"])
  }
}
