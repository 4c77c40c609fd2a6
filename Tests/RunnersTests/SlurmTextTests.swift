import Planning
import Quantities
import Testing

@testable import Runners

/// What Slurm's programs print, as 22.05 printed it, read.
struct SlurmTextTests {
  let name = SlurmJobName(node: "amani", job: JobNumber(3), folder: "evening-ab12cd34")

  @Test(
    "reads Slurm's lengths of time",
    arguments: [
      ("0:00", 0), ("0:07", 7), ("25:45", 1545), ("3:25:45", 12_345), ("2-03:00:05", 183_605),
      ("INVALID", nil), ("", nil), ("1-", nil), ("-1:00", nil), ("1:-5", nil), ("7", nil),
      ("1-2-3:00", nil), ("9999999999999999999:00", nil),
    ] as [(String, Int64?)])
  func times(text: String, seconds: Int64?) {
    #expect(SlurmText.timeSpan(text) == seconds.map { TimeSpan(seconds: $0) })
  }

  @Test("names a job so that it is found again, and takes no other for its own")
  func names() {
    #expect(name.text == "heliograph:amani:3:evening-ab12cd34")
    #expect(SlurmJobName(name.text) == name)
    for other in [
      "", "heliograph", "heliograph:amani:3", "heliograph:amani:x:f", "heliograph:amani:0:f",
      "heliograph:amani:3:../x", "heliograph:amani:3:.x", "heliograph:amani:3:a:b",
      "heliograph:amani:3:", "mallory:amani:3:f", "heliograph:amani:3:a b",
    ] { #expect(SlurmJobName(other) == nil) }
  }

  @Test(
    "reads where a job stands",
    arguments: [
      ("PENDING|JobHeldUser", .held, nil), ("PENDING|JobHeldAdmin", .held, "JobHeldAdmin"),
      ("PENDING|job requeued in held state", .held, nil),
      ("PENDING|launch failed requeued held", .held, "launch failed requeued held"),
      ("PENDING|JobHoldMaxRequeue", .held, "JobHoldMaxRequeue"), ("PENDING|None", .waiting, nil),
      ("PENDING|Licenses", .waiting, nil), ("PENDING|BeginTime", .waiting, nil),
      ("REQUEUE_HOLD|None", .held, nil), ("CONFIGURING|None", .running, nil),
      ("RUNNING|None", .running, nil), ("SUSPENDED|None", .suspended, nil),
      ("COMPLETING|job requeued in held state", .leaving, nil), ("REQUEUED|None", .leaving, nil),
      ("SOMETHING_NEW|None", .leaving, nil),
    ] as [(String, SlurmRow.Phase, String?)])
  func phases(words: String, phase: SlurmRow.Phase, objection: String?) {
    let row = SlurmRow(line: "17|\(words)|1:02|\(name.text)", node: "amani")
    #expect(row?.phase == phase)
    #expect(row?.objection == objection)
    #expect(row?.elapsed == TimeSpan(seconds: 62))
  }

  @Test("takes only this node's jobs out of a listing, the oldest first")
  func listing() {
    let listing = """
      18|RUNNING|None|0:01|\(name.text)
      19|RUNNING|None|0:01|heliograph:birch:3:evening-ab12cd34
      7|PENDING|JobHeldUser|0:00|heliograph:amani:1:morning-00112233
      20_1|RUNNING|None|0:01|\(name.text)
      21|RUNNING|None|0:01|render | heliograph:amani:3:evening-ab12cd34
      nonsense
      """
    let rows = SlurmRow.rows(of: listing, node: "amani")
    #expect(rows.map(\.identifier) == [7, 18])
    #expect(rows.map(\.name.job) == [JobNumber(1), JobNumber(3)])
  }

  @Test(
    "says how a job ended",
    arguments: [
      ("JobState=COMPLETED Reason=None ExitCode=0:0", "ended without finishing its batch"),
      ("JobState=FAILED Reason=NonZeroExitCode ExitCode=3:0", "ended with exit status 3"),
      (
        "JobState=FAILED Reason=RaisedSignal:9(Killed) ExitCode=0:9",
        "was ended by signal 9 (RaisedSignal:9(Killed))"
      ),
      ("JobState=TIMEOUT Reason=TimeLimit ExitCode=0:15", "came to its time limit"),
      ("JobState=CANCELLED Reason=None ExitCode=0:0", "was cancelled there"),
      ("JobState=NODE_FAIL Reason=NodeDown ExitCode=0:0", "lost its node (NodeDown)"),
      ("JobState=NEW_WORD Reason=None ExitCode=0:0", "ended as NEW_WORD"),
    ])
  func endings(fields: String, words: String) {
    let line = "JobId=17 JobName=\(name.text) \(fields) Restarts=4 RunTime=00:01:05 TimeLimit=1-0"
    let ending = SlurmEnding(shown: line, name: name)
    #expect(ending?.words == words)
    #expect(ending?.elapsed == TimeSpan(seconds: 65))
    #expect(ending?.restarts == 4)
    // A number that was given out again is another's job.
    let other = SlurmJobName(node: "amani", job: JobNumber(4), folder: "evening-ab12cd34")
    #expect(SlurmEnding(shown: line, name: other) == nil)
  }

  @Test("adds up what accounting keeps of a job's runs, its own and not an older one's")
  func booking() throws {
    let output = """
      17|COMPLETED|0:0|4000|900000|something else
      17.batch|COMPLETED|0:0|4000|900000|batch
      17|REQUEUED|0:0|100|36000|\(name.text)
      17.batch|CANCELLED|0:15|100|36000|batch
      17|CANCELLED by 1000|0:0|50||\(name.text)
      17.batch|CANCELLED|0:15|50|18000|batch
      17.extern|COMPLETED|0:0|50|18446744073709551614|extern
      """
    let booking = try #require(SlurmBooking(output, identifier: 17, name: name))
    #expect(booking.runs == 2)
    #expect(booking.elapsed == TimeSpan(seconds: 150))
    // 54,000 J.
    #expect(booking.energy == Energy(wattHours: 15))
    #expect(booking.ending?.state == "CANCELLED")
    let unmeasured = SlurmBooking("17|COMPLETED|0:0|9|0|\(name.text)", identifier: 17, name: name)
    #expect(unmeasured?.elapsed == TimeSpan(seconds: 9))
    #expect(unmeasured?.energy == nil)
    #expect(SlurmBooking("", identifier: 17, name: name) == nil)
  }

  @Test(
    "asks for as many licences as cover the watts",
    arguments: [(1, 1), (99, 1), (100, 1), (101, 2), (350, 4), (1000, 10)] as [(Int64, Int64)])
  func licences(watts: Int64, count: Int64) {
    let settings = SlurmSettings(node: "amani", licence: "surplus100w", wattsPerLicence: 100)
    #expect(settings.licences(for: Power(watts: watts)) == count)
  }

  @Test("tells sbatch all that must be, after what the owner says")
  func submission() {
    let settings = SlurmSettings(
      node: "amani", partition: "sun", account: "lane", licence: "surplus100w",
      options: ["--gres=gpu:1", "--job-name=mine"], engine: "http://127.0.0.1:8080")
    let client = SlurmClient(settings: settings, jobsDirectory: "/jobs", isGivenUp: { false })
    let words = client.submission(name, power: Power(watts: 250))
    #expect(
      words == [
        "--gres=gpu:1", "--job-name=mine", "--partition=sun", "--account=lane",
        "--licenses=surplus100w:3", "--parsable", "--hold", "--requeue", "--open-mode=append",
        "--job-name=heliograph:amani:3:evening-ab12cd34",
        "--output=/jobs/evening-ab12cd34/slurm.log", "--chdir=/jobs", "/jobs/slurm-batch.sh",
        "heliograph", "feed", "/jobs/evening-ab12cd34", "--engine", "http://127.0.0.1:8080",
      ])
  }

  @Test("tells of a slurmctld that is away only when that is news")
  func link() {
    var settings = SlurmSettings(node: "amani", slots: 4)
    settings.patienceMilliseconds = 30_000
    var link = SlurmLink(settings: settings)
    // Never seen: told at once.
    var news = [link.failed("no route", asked: 0, at: 9)]
    news.append(link.failed("no route", asked: 10, at: 19))
    news.append(link.answered())
    news.append(link.answered())
    let ready = EngineState.ready(slots: 4, name: "Slurm")
    #expect(news == [.unavailable(reason: "Slurm: no route"), nil, ready, nil])
    news = [link.failed("restarts", asked: 1000, at: 10_000)]
    #expect(!link.isAnswering)
    news.append(link.answered())
    #expect(news == [nil, nil])
    news = [link.failed("gone", asked: 100_000, at: 109_000)]
    news.append(link.failed("gone", asked: 121_000, at: 130_000))
    news.append(link.answered())
    #expect(news == [nil, .unavailable(reason: "Slurm: gone"), ready])
  }
}
