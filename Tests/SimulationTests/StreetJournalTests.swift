import HeliographCore
import Quantities
import Simulation
import Testing
import Texting

@Suite struct StreetJournalTests {
  private func snapshot(_ decisions: [(serial: Int64, seconds: Int64)]) -> Snapshot {
    var snapshot = Snapshot(name: "any", at: .zero, clock: "00:00")
    snapshot.decisions = decisions.map {
      Decision(
        serial: $0.serial, at: Instant.zero + TimeSpan(seconds: $0.seconds), topic: .market,
        text: "\($0.serial)")
    }
    return snapshot
  }

  @Test("merges the decisions of one poll in order of time")
  func merges() {
    var journal = StreetJournal()
    journal.take([
      (house: "amber", snapshot: snapshot([(1, 10), (2, 30)])),
      (house: "birch", snapshot: snapshot([(1, 20), (2, 30)])),
    ])
    #expect(journal.events.map(\.house) == ["amber", "birch", "amber", "birch"])
    #expect(journal.serial(of: "amber") == 2)
    #expect(journal.serial(of: "cedar") == 0)
  }

  @Test("takes each decision once, though it is shown twice")
  func takesOnce() {
    var journal = StreetJournal()
    journal.take([(house: "amber", snapshot: snapshot([(1, 10), (2, 20)]))])
    journal.take([(house: "amber", snapshot: snapshot([(2, 20), (3, 30)]))])
    #expect(journal.events.map(\.text) == ["1", "2", "3"])
  }

  @Test("takes a restarted node's new decisions and none of its last life")
  func restarts() {
    var journal = StreetJournal()
    journal.take([(house: "amber", snapshot: snapshot([(1, 10), (2, 20)]))])
    journal.restarted("amber", at: Instant.zero + TimeSpan(seconds: 25))
    journal.take([(house: "amber", snapshot: snapshot([(1, 10), (2, 20), (3, 30)]))])
    #expect(journal.events.map(\.text) == ["1", "2", "3"])
    journal.restarted("amber", at: Instant.zero + TimeSpan(seconds: 40))
    journal.take([(house: "amber", snapshot: snapshot([(1, 50)]))])
    #expect(journal.events.map(\.text) == ["1", "2", "3", "1"])
  }

  @Test("puts what an owner did before what the node made of it")
  func notes() {
    var journal = StreetJournal()
    let moment = Instant.zero + TimeSpan(seconds: 20)
    journal.note(StreetEvent(house: "amber", at: moment, text: "owner types"))
    #expect(journal.events.isEmpty)
    journal.take([(house: "amber", snapshot: snapshot([(1, 10), (2, 20)]))])
    #expect(journal.events.map(\.text) == ["1", "owner types", "2"])
  }

  @Test("keeps a bounded number of events and counts all")
  func bounded() {
    var journal = StreetJournal()
    for index in 0..<(StreetJournal.limit + 10) {
      journal.note(StreetEvent(house: "street", at: .zero, text: "\(index)"))
      if index % 2 == 0 { journal.take([]) }
    }
    journal.take([])
    #expect(journal.events.count == StreetJournal.limit)
    #expect(journal.count == StreetJournal.limit + 10)
    #expect(journal.events.first?.text == "10")
  }
}
