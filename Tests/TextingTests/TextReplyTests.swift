import Planning
import Quantities
import Testing
import Texting

@Suite("TextReply")
struct TextReplyTests {
  static let commands: [TextCommand] =
    [
      .status, .today, .plan, .jobs, .job(JobNumber(2)), .job(JobNumber(999_999)), .trades,
      .balance,
      .peers, .why(1), .why(2), .why(1000), .help(nil), .pause(nil), .pause(JobNumber(2)),
      .resume(nil), .resume(JobNumber(999_800)), .limit(neighbour: "mara", Credits(credits: 5)),
      .limit(neighbour: String(repeating: "é日", count: 300), Credits(rawValue: magnitudeLimit)),
      .reserve(.full), .run(BatchRequest(file: String(repeating: "f", count: 900))),
    ] + TextCommand.Word.allCases.map { .help($0) }

  @Test("fits one text message whatever the state", arguments: commands)
  func fits(command: TextCommand) {
    var broken = extremeView()
    broken.storageTrouble = String(repeating: "no space ‘left’ ", count: 30)
    for view in [emptyView(), ordinaryView(), extremeView(), broken] {
      let reply = TextReply.reply(to: command, view: view)
      #expect(isOneMessage(reply), "\(SMSAlphabet.septets(of: reply) ?? -1): \(reply)")
    }
  }

  @Test(
    "says what is and what to do next",
    arguments: [
      (
        .status,
        "15:10 PV 2450 W, load 380 W, battery 82% +1200 W, grid -640 W, spare 640 W. "
          + "Job 2 40/120. WHY tells the reason."
      ),
      (.jobs, "2 photos running 40/120; 1 books done 12/12. JOB 2 shows one."),
      (
        .job(JobNumber(2)),
        "Job 2 photos running (640 W spare): 40 of 120 done, 1 failed, 60 W, by 16:10. "
          + "PAUSE 2 holds it."
      ),
      (.trades, "14:10 sold mara 150 Wh +1.80 settled. BAL sums up."),
      (
        .balance,
        "baobab -0.25 (limit 0); mara +1.80 (limit 5.00). Sum +1.55, + is owed to you."
      ),
      (.peers, "baobab away, heard 60 min ago; mara linked. 1 of 2 linked. BAL: balances."),
      (.why(1), "15:09 job 2 starts: 640 W spare until about 15:40. WHY 2 goes back."),
      (.why(2), "14:10 640 W are spare."),
      (.pause(JobNumber(2)), "Job 2 is held. RESUME 2 lets it go on."),
      (
        .limit(neighbour: "MAR", Credits(credits: 5)),
        "mara may owe you up to 5.00 credits. BAL shows balances."
      ),
      (
        .run(BatchRequest(file: "photos.jsonl")),
        "Job 2 taken: photos, 120 requests, 60 W, by 16:10. It runs when power is spare. "
          + "JOB 2 shows it."
      ),
      (.cancel(JobNumber(2)), "Job 2 is taken back; what is done is kept. JOB 2 shows it."),
      (.job(JobNumber(9)), "Error: there is no job 9. JOBS lists them."),
      (.pause(JobNumber(1)), "Error: job 1 has ended (done). JOBS lists the others."),
      (.limit(neighbour: "zed", .zero), "Error: \"zed\" is no neighbour here. PEERS lists them."),
      (.why(3), "Error: only 2 decisions are kept. Example: WHY 2"),
    ] as [(TextCommand, String)])
  func words(command: TextCommand, expected: String) {
    #expect(TextReply.reply(to: command, view: ordinaryView()) == expected)
  }

  @Test(
    "says of ended jobs where their results are",
    arguments: [
      (
        HouseholdView.Job.State.done,
        "Job 3 books done: 12 of 12 done. Results: books-1f2e/output.jsonl in the jobs folder."
      ),
      (
        .failed,
        "Job 3 books failed (12 requests, 0 failed). Reasons: books-1f2e/errors.jsonl in the jobs "
          + "folder."
      ),
    ])
  func results(state: HouseholdView.Job.State, expected: String) {
    var view = emptyView()
    view.jobs = [
      HouseholdView.Job(
        number: JobNumber(3), name: "books", state: state, requests: 12, completed: 12, failed: 0,
        power: Power(watts: 60), note: "12 requests, 0 failed", folder: "books-1f2e")
    ]
    #expect(TextReply.reply(to: .job(JobNumber(3)), view: view) == expected)
  }

  @Test("says of a running job how fast it goes, when it may be ready and what it drew")
  func pace() {
    var view = ordinaryView()
    view.jobs[1].requestsPerKilosecond = 233
    view.jobs[1].estimatedEnd = afternoon + TimeSpan(minutes: 25)
    view.jobs[1].energy = Energy(wattHours: 420)
    view.jobs[1].surplus = Energy(wattHours: 400)
    #expect(
      TextReply.reply(to: .job(JobNumber(2)), view: view)
        == "Job 2 photos running (640 W spare): 40 of 120 done, 1 failed, 60 W, by 16:10. "
        + "13 a minute, ready about 15:35. 420 Wh, 95% sun. PAUSE 2 holds it.")
  }

  @Test("says of an ended job what it came to, and whether that was measured")
  func account() {
    var view = emptyView()
    var job = HouseholdView.Job(
      number: JobNumber(3), name: "books", state: .cancelled, requests: 12, completed: 4,
      failed: 0, power: Power(watts: 60), folder: "books-1f2e")
    job.energy = Energy(wattHours: 42)
    job.surplus = Energy(wattHours: 42)
    job.cost = Credits(millicredits: 1260)
    job.tokens = 812
    view.jobs = [job]
    #expect(
      TextReply.reply(to: .job(JobNumber(3)), view: view)
        == "Job 3 books cancelled: 4 of 12 done. 42 Wh estimated, 100% sun, cost 1.26, "
        + "812 tokens. Results: books-1f2e/output.jsonl in the jobs folder.")
    view.jobs[0].energyMeasured = view.jobs[0].energy
    let measured = TextReply.reply(to: .job(JobNumber(3)), view: view)
    #expect(measured.contains("42 Wh, 100% sun") && !measured.contains("estimated"))
  }

  @Test("says which day a deadline is on when it is not today")
  func tomorrow() {
    var view = ordinaryView()
    view.jobs[1].deadline = afternoon + TimeSpan(minutes: 10 * 60)
    let reply = TextReply.reply(to: .job(JobNumber(2)), view: view)
    #expect(reply.contains("by 01:10 tomorrow."))
  }

  @Test("does not claim to hold or release jobs where there are none")
  func noJobs() {
    #expect(TextReply.reply(to: .pause(nil), view: emptyView()).hasPrefix("There is no job to"))
    #expect(TextReply.reply(to: .resume(nil), view: emptyView()).hasPrefix("There is no job to"))
  }

  @Test("says why there are no trades")
  func noTrades() {
    var view = ordinaryView()
    view.trades = []
    #expect(TextReply.reply(to: .trades, view: view).contains("when one house has to spare"))
    #expect(TextReply.reply(to: .trades, view: emptyView()).contains("LIMIT name 5"))
    view.isTrading = false
    #expect(TextReply.reply(to: .trades, view: view).contains("trading is off here"))
  }

  @Test("says that waiting jobs lack an engine")
  func noEngine() {
    var view = emptyView()
    view.lacksEngine = true
    view.jobs = [
      HouseholdView.Job(
        number: JobNumber(1), name: "books", state: .waiting, requests: 1, completed: 0, failed: 0,
        power: Power(watts: 60))
    ]
    #expect(TextReply.reply(to: .status, view: view).contains("1 job waits: no engine."))
  }

  @Test("never shows the unknown as zero")
  func unknown() {
    let status = TextReply.reply(to: .status, view: emptyView())
    #expect(status.contains("PV ?, load ?, battery ?, grid ?, spare ?"))
    #expect(TextReply.reply(to: .today, view: emptyView()).contains("Grid in ?, out ?"))
    #expect(!status.contains("0 W"))
    #expect(TextReply.reply(to: .why(1), view: emptyView()).hasPrefix("Nothing was decided"))
  }

  @Test("says that panels are held back and which inverter sleeps, in one message")
  func curtailedAndAsleep() {
    var view = emptyView()
    (view.pvPower, view.loadPower) = (Power(watts: 12_340), Power(watts: 12_340))
    (view.batteryPower, view.gridPower) = (Power(watts: -12_340), Power(watts: -12_340))
    view.stateOfCharge = .full
    view.surplus = Power(watts: 12_340)
    view.isCurtailed = true
    view.jobs = [
      HouseholdView.Job(
        number: JobNumber(123), name: "books", state: .running, requests: 120, completed: 100,
        failed: 0, power: Power(watts: 60))
    ]
    view.asleepDevices = [.init(name: "garage", since: .zero)]
    let status = TextReply.reply(to: .status, view: view)
    #expect(status.contains("spare 12.3 kW or more: curtailed. Job 123 100/120. Asleep: garage."))
    #expect((SMSAlphabet.septets(of: status) ?? 999) <= 160, "\(status)")
    view.lostDevices = [.init(name: "meter", since: .zero)]
    #expect(TextReply.reply(to: .status, view: view).contains("Lost: meter since"))
    view.isCurtailed = nil
    #expect(!TextReply.reply(to: .status, view: view).contains("curtailed"))
  }

  @Test("keeps most of an ordinary answer for many jobs and says how many more there are")
  func manyJobs() {
    var view = emptyView()
    for number in 1...30 {
      view.jobs.append(
        HouseholdView.Job(
          number: JobNumber(Int64(number)), name: "photos", state: .waiting, requests: 120,
          completed: 0, failed: 0, power: Power(watts: 60)))
    }
    let reply = TextReply.reply(to: .jobs, view: view)
    #expect(reply.hasPrefix("1 photos waiting 0/120; 2 photos"))
    #expect(reply.contains("more. JOB 1 shows one."))
  }

  @Test("changes nothing while nothing can be stored, and still answers")
  func storageTrouble() {
    var view = ordinaryView()
    view.storageTrouble = "disk full"
    #expect(TextReply.refusal(of: .pause(nil), view: view)?.hasPrefix("Error: ") == true)
    #expect(TextReply.refusal(of: .status, view: view) == nil)
    #expect(TextReply.reply(to: .status, view: view).hasPrefix("CAN'T STORE (disk full)."))
  }
}
