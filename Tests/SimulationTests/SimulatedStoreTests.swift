import HeliographCore
import Planning
import Quantities
import Simulation
import Testing

@Suite struct SimulatedStoreTests {
  private func put(_ key: String) -> StoreWrite { .put(key: key, value: [1]) }

  @Test("a crash keeps what was synced and nothing else")
  func crash() {
    var store = SimulatedStore()
    store.stage([put("b"), put("a")])
    store.sync()
    store.stage([put("c"), .remove(key: "a")])
    store.crash()
    store.sync()
    #expect(store.load().entries.map(\.key) == ["a", "b"])
  }

  @Test("a disk that ignores flushes loses its newest commit")
  func lyingDisk() {
    var store = SimulatedStore(fault: .losesNewestCommit)
    for key in ["a", "b", "c"] {
      store.stage([put(key)])
      store.sync()
    }
    store.crash()
    #expect(store.load().entries.map(\.key) == ["a", "b"])
  }

  @Test("after a crash at most the requests in flight are repeated")
  func runner() {
    var runner = SimulatedRunner(slots: 2)
    runner.stage(
      StagedBatch(
        folder: "f", name: "letters", model: "m", requests: 5, power: Power(watts: 300)))
    let job = JobNumber(1)
    let first = runner.start(job, folder: "f")
    #expect(first.count == 2)
    let finished = runner.finish(first[0])
    #expect(finished?.progress.completed == 1)
    runner.crash()
    let lost = runner.finish(first[1])
    #expect(lost == nil)
    #expect(!runner.isBusy)
    var open = runner.start(job, folder: "f")
    while let request = open.popLast() {
      guard let (_, begun) = runner.finish(request) else {
        Issue.record("nothing crashed since")
        return
      }
      open += begun
    }
    #expect(runner.completed == 5)
    #expect(runner.repeated == 2)
    #expect(runner.isWithinBounds)
  }
}
