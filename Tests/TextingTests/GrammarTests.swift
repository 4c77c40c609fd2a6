import Planning
import Quantities
import Testing
import Thrown
import Texting

@Suite("Grammar")
struct GrammarTests {
  static let understood: [(String, TextCommand)] = [
    ("STATUS", .status), ("status", .status), ("  st ", .status), ("S", .status),
    ("Status.", .status), ("TODAY", .today), ("to", .today), ("TRADES", .trades),
    ("JOBS", .jobs), ("JOB 3", .job(JobNumber(3))), ("job 999999", .job(JobNumber(999_999))),
    ("BAL", .balance), ("balance", .balance), ("peers", .peers), ("WHY", .why(1)),
    ("why 12", .why(12)), ("?", .help(nil)), ("HELP", .help(nil)), ("? run", .help(.run)),
    ("help rese", .help(.reserve)), ("PAUSE", .pause(nil)), ("pause 2", .pause(JobNumber(2))),
    ("RESUME 2", .resume(JobNumber(2))), ("resume", .resume(nil)),
    ("LIMIT mara 5", .limit(neighbour: "mara", Credits(credits: 5))),
    ("limit \"Mara K\" 2.5", .limit(neighbour: "Mara K", Credits(millicredits: 2500))),
    ("LIMIT mara 0", .limit(neighbour: "mara", .zero)),
    ("LIMIT m 1000000", .limit(neighbour: "m", Credits(credits: 1_000_000))),
    ("RESERVE 40", .reserve(StateOfCharge(percent: 40))),
    ("RESERVE 100%", .reserve(.full)), ("reserve 0", .reserve(.empty)),
    ("RUN a.jsonl", .run(BatchRequest(file: "a.jsonl"))),
    ("run \"my photos.jsonl\"", .run(BatchRequest(file: "my photos.jsonl"))),
    ("run “my photos.jsonl”", .run(BatchRequest(file: "my photos.jsonl"))),
    ("run \"a\\\"b\\\\c\\d\"", .run(BatchRequest(file: "a\"b\\c\\d"))),
    (
      "RUN /x/a.jsonl fixed priority -2 model gemma-3 by 6:05 watts 60",
      .run(
        BatchRequest(
          file: "/x/a.jsonl", power: Power(watts: 60), byMinuteOfDay: 365, priority: -2,
          model: "gemma-3", interruptible: false))
    ),
    (
      "RUN a W 60 B 18:00",
      .run(
        BatchRequest(
          file: "a", power: Power(watts: 60), byMinuteOfDay: 1080))
    ),
  ]

  @Test("reads what people type", arguments: understood)
  func reads(line: String, expected: TextCommand) throws {
    #expect(try Grammar.parse(line, origin: .local) == expected)
  }

  @Test(
    "says what was expected, with an example or where to look",
    arguments: [
      ("", "Example: STATUS"), ("   \t", "Example: STATUS"), ("HELLO", "HELP lists"),
      ("JO", "JOBS or JOB"), ("T", "TODAY or TRADES"), ("RES", "RESUME or RESERVE"),
      ("JOB", "Example: JOB 2"), ("JOB x", "Example: JOB 2"), ("JOB 0", "1 to 999999"),
      ("JOB 1 2", "\"2\" is too much"), ("STATUS now", "\"now\" is too much"),
      ("WHY 0", "1 to 1000"), ("LIMIT mara", "Example: LIMIT mara 5"),
      ("LIMIT mara -5", "no amount"), ("LIMIT mara 1.2345", "no amount"),
      ("LIMIT mara .5", "no amount"), ("LIMIT mara 1000001", "no amount"),
      ("LIMIT mara 99999999999999999999", "no amount"), ("LIMIT mara ٣", "no amount"),
      ("RESERVE 101", "0 to 100"), ("RESERVE lots", "Example: RESERVE 40"),
      ("RUN", "Example: RUN"), ("RUN \"a", "a quote is open"), ("RUN a WATTS", "needs a value"),
      ("RUN a WATTS 0", "1 to 100000"), ("RUN a BY 24:00", "no time of day"),
      ("RUN a BY 1800", "no time of day"), ("RUN a BY -1:30", "no time of day"),
      ("RUN a FIXED FIXED", "twice"), ("RUN a FAST", "no option"), ("RUN \"\"", "no file"),
      ("HELP ME", "no command"),
    ])
  func explains(line: String, part: String) {
    let error = thrown(GrammarError.self) {
      try Grammar.parse(line, origin: .local)
    }
    #expect(error?.text.contains(part) == true, "\(error?.text ?? "")")
    if let error { #expect(isOneMessage(TextReply.refusal(error))) }
  }

  @Test("lets a text message read and refuses to be changed by one")
  func textMessagesRead() throws {
    let origin = TextMessage.Origin.sms(number: "+255700000001")
    for line in ["STATUS", "TODAY", "JOBS", "JOB 1", "TRADES", "BAL", "PEERS", "WHY", "HELP RUN"] {
      #expect(try Grammar.parse(line, origin: origin).word.reads)
    }
    for line in ["RUN a", "PAUSE", "RESUME", "LIMIT m 5", "RESERVE 40", "PAUSE nonsense"] {
      let error = thrown(GrammarError.self) { try Grammar.parse(line, origin: origin) }
      #expect(error?.text == "SMS may only read. Type it on the board or the console.")
    }
  }

  @Test("refuses an endless line, and takes any bytes without trapping")
  func survivesAnything() {
    let long = String(repeating: "a", count: 1025)
    #expect(throws: GrammarError.self) { try Grammar.parse(long, origin: .local) }
    var generator = SplitMix(state: 7)
    for _ in 0..<2000 {
      let bytes = (0..<Int(generator.next() % 40)).map { _ in UInt8(generator.next() % 256) }
      let line = String(decoding: bytes, as: UTF8.self)
      do {
        _ = try Grammar.parse("RUN " + line, origin: .local)
      } catch {
        #expect(isOneMessage(TextReply.refusal(error)))
      }
    }
  }

  @Test("reads back a quoted name", arguments: ["a", "my file", "a\"b", "c:\\d e", "“x”", "", "é"])
  func quotes(name: String) throws {
    let command = try Grammar.parse("LIMIT \(Grammar.quoted(name)) 1", origin: .local)
    #expect(command == .limit(neighbour: name, Credits(credits: 1)))
  }
}
