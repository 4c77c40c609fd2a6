import Quantities
import Simulation
import Testing

@Suite struct HouseholdTableTests {
  private func record(_ text: String) throws -> HouseholdRecord {
    try HouseholdTable.record(Array(text.utf8))
  }

  @Test(
    "columns are found by name, in any order, whatever is between",
    arguments: [
      "time,load,pv\n2016-01-01T00:00:00Z,100,5\n2016-01-01T00:15:00Z,200.5,6\n",
      "\u{FEFF}Timestamp;PV_W;note;Load (W)\r\n2016-01-01 00:00;5;x;100\r\n"
        + "2016-01-01 00:15;6;;200.5\r\n",
      "datetime\tload [W]\tpv power\n2016-01-01T01:00+01:00\t100\t5\n"
        + "2015-12-31T23:15:00-01:00\t200.50\t6\n",
      "\"time\",\"consumption\",\"solar\"\n\"2016-01-01T00:00\",\"100\",\"5\"\n\n"
        + "2016-01-01T00:15:00.000Z,200.5004,6",
    ])
  func headers(text: String) throws {
    let record = try record(text)
    #expect(record.start == Instant(millisecondsSince1970: 1_451_606_400_000))
    #expect(record.step == TimeSpan(minutes: 15))
    #expect(record.load == [Power(watts: 100), Power(milliwatts: 200_500)])
    #expect(record.pv == [Power(watts: 5), Power(watts: 6)])
  }

  @Test("what is missing is unknown, not zero")
  func gaps() throws {
    let record = try record(
      "time,load,pv\n2016-01-01T00:00Z,1,\n2016-01-01T01:00Z,NaN,0\n2016-01-01T03:00Z,3,-4\n")
    #expect(record.step == .hour)
    #expect(record.load == [Power(watts: 1), nil, nil, Power(watts: 3)])
    #expect(record.pv == [nil, .zero, nil, .zero])
    #expect(record.known(1) == nil)
  }

  @Test(
    "what can't be read is refused with its line and field",
    arguments: [
      ("", 1, "empty"),
      ("time,load\n", 1, "pv"),
      ("time,load,pv,solar\n", 1, "two columns for pv"),
      ("time,load,pv\n2016-01-01T00:00Z,1,2\n", 2, "two lines"),
      ("time,load,pv\n2016-01-01T00:00Z,1,2\n2016-02-30T00:00Z,1,2\n", 3, "time: expected"),
      ("time,load,pv\n2016-01-01T00:00Z,1,2\n2016-01-01T00:00Z,1,2\n", 3, "not later"),
      ("time,load,pv\n2016-01-01T00:00Z,1,x2\n", 2, "pv: expected watts"),
      ("time,load,pv\n2016-01-01T00:00Z,1e3,2\n", 2, "load: expected watts"),
      ("time,load,pv\n2016-01-01T00:00Z,-1,2\n", 2, "load: -1 W"),
      ("time,load,pv\n2016-01-01T00:00Z,1\n", 2, "not all there"),
      (
        "time,load,pv\n2016-01-01T00:00Z,1,2\n\n2016-01-01T00:15Z,1,2\n2016-01-01T00:40Z,1,2\n",
        5, "steps of 900 s"
      ),
      ("time,load,pv\n2016-01-01T00:00:00Z,1,2\n2016-01-01T00:00:30Z,1,2\n", 3, "30 s apart"),
    ] as [(String, Int, String)])
  func refused(text: String, line: Int, words: String) {
    var problem: HouseholdTable.Problem?
    do { _ = try record(text) } catch let error as HouseholdTable.Problem {
      problem = error
    } catch {}
    let found = problem?.text ?? "taken"
    #expect(found.contains(words), "found: \(found)")
    #expect(problem?.line == line)
  }

  @Test("a part begins and ends with whole intervals")
  func parts() {
    let record = BacktestHouseholds.days(3, seed: 1)
    let day = BacktestHouseholds.june + .day
    let part = record.part(from: day, to: day + .day)
    #expect(part.start == day)
    #expect(part.count == 96)
    #expect(part.wholeDays.count == 1)
    #expect(record.part(from: day + .minute, to: day + .day).start == day + TimeSpan(minutes: 15))
  }
}
