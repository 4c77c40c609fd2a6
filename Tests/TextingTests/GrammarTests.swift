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
    ("PLAN", .plan), ("pl", .plan),
    ("JOBS", .jobs), ("JOB 3", .job(JobNumber(3))), ("job 999999", .job(JobNumber(999_999))),
    ("BAL", .balance), ("balance", .balance), ("peers", .peers), ("WHY", .why(1)),
    ("why 12", .why(12)), ("?", .help(nil)), ("HELP", .help(nil)), ("? run", .help(.run)),
    ("help rese", .help(.reserve)), ("PAUSE", .pause(nil)), ("pause 2", .pause(JobNumber(2))),
    ("RESUME 2", .resume(JobNumber(2))), ("resume", .resume(nil)),
    ("LIMIT mara 5", .limit(neighbour: "mara", Credits(credits: 5))),
    ("limit \"Mara K\" 2.5", .limit(neighbour: "Mara K", Credits(millicredits: 2500))),
    ("LIMIT mara 0", .limit(neighbour: "mara", .zero)),
    (
      "limit mara 5 grow 25% to 20",
      .limit(
        neighbour: "mara", Credits(credits: 5),
        growing: LimitGrowth(percent: 25, ceiling: Credits(credits: 20)))
    ),
    ("PAID mara 2.5", .paid(neighbour: "mara", Credits(millicredits: 2500))),
    ("GOT mara 2", .got(neighbour: "mara", Credits(credits: 2))),
    ("UNPAID mara 0", .unpaid(neighbour: "mara", .zero)),
    ("WAIVE mara", .waive(neighbour: "mara")),
    ("OFFERS", .offers),
    (
      "SELL 2KWH 12",
      .sell(Energy(wattHours: 2000), Price(creditsPerKilowattHour: 12), atMinuteOfDay: nil)
    ),
    (
      "buy 500wh 14.5 at 18:15",
      .buy(
        Energy(wattHours: 500), Price(millicreditsPerKilowattHour: 14_500), atMinuteOfDay: 1095)
    ),
    ("SELL 0", .sell(.zero, .zero, atMinuteOfDay: nil)),
    ("LIMIT m 1000000", .limit(neighbour: "m", Credits(credits: 1_000_000))),
    ("RESERVE 40", .reserve(StateOfCharge(percent: 40))),
    ("RESERVE 100%", .reserve(.full)), ("reserve 0", .reserve(.empty)),
    ("CHARGE 1500W 2H", .charge(Power(watts: 1500), .hour + .hour, device: nil)),
    ("charge 1.5kw 90m", .charge(Power(watts: 1500), TimeSpan(minutes: 90), device: nil)),
    ("DIS 1000 30MIN", .discharge(Power(watts: 1000), TimeSpan(minutes: 30), device: nil)),
    ("DISCHARGE 1000W 24H akku", .discharge(Power(watts: 1000), .day, device: "akku")),
    ("EXPORT 3000W", .export(Power(watts: 3000), nil, device: nil)),
    ("EXPORT 0W 4H", .export(.zero, TimeSpan(minutes: 240), device: nil)),
    ("EXPORT 3kw inverter", .export(Power(watts: 3000), nil, device: "inverter")),
    ("EXPORT 3kw 1H 2H", .export(Power(watts: 3000), .hour, device: "2H")),
    ("AUTO", .auto), ("a", .auto),
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
      ("JO", "JOBS or JOB"), ("T", "TODAY or TRADES"), ("P", "PLAN or"), ("PLAN b", "too much"),
      ("RES", "RESUME or RESERVE"),
      ("JOB", "Example: JOB 2"), ("JOB x", "Example: JOB 2"), ("JOB 0", "1 to 999999"),
      ("JOB 1 2", "\"2\" is too much"), ("STATUS now", "\"now\" is too much"),
      ("WHY 0", "1 to 1000"), ("LIMIT mara", "Example: LIMIT mara 5"),
      ("LIMIT mara -5", "no amount"), ("LIMIT mara 1.2345", "no amount"),
      ("LIMIT mara 5 GROW 25", "GROW percent TO"), ("LIMIT mara 5 GROW 25 TO 4", "less than"),
      ("LIMIT mara 5 GROW 0 TO 9", "1 to 100"), ("GOT mara 0", "nothing"),
      ("SELL 0.5WH 12", "whole Wh"), ("BUY 1KWH", "no price"),
      ("LIMIT mara .5", "no amount"), ("LIMIT mara 1000001", "no amount"),
      ("LIMIT mara 99999999999999999999", "no amount"), ("LIMIT mara ٣", "no amount"),
      ("RESERVE 101", "0 to 100"), ("RESERVE lots", "Example: RESERVE 40"),
      ("RUN", "Example: RUN"), ("RUN \"a", "a quote is open"), ("RUN a WATTS", "needs a value"),
      ("RUN a WATTS 0", "1 to 100000"), ("RUN a BY 24:00", "no time of day"),
      ("RUN a BY 1800", "no time of day"), ("RUN a BY -1:30", "no time of day"),
      ("RUN a FIXED FIXED", "twice"), ("RUN a FAST", "no option"), ("RUN \"\"", "no file"),
      ("HELP ME", "no command"), ("CHARGE", "Example: CHARGE 1500W 2H"),
      ("CHARGE 1500W", "more is needed"), ("CHARGE lots 2H", "no power"),
      ("CHARGE 1.5W 2H", "no power"), ("CHARGE 101KW 2H", "not 0 to 100 kW"),
      ("CHARGE 100001 2H", "not 0 to 100 kW"), ("CHARGE -5W 2H", "no power"),
      ("CHARGE 1500W 2", "no time"), ("CHARGE 1500W 0H", "1MIN to 24H"),
      ("CHARGE 1500W 25H", "1MIN to 24H"), ("CHARGE 9W 99999999999999999999H", "no time"),
      ("CHARGE 1500W 2H a b", "too much"), ("EXPORT 1W a b", "no time"), ("AUTO now", "too much"),
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
    for line in [
      "STATUS", "TODAY", "PLAN", "JOBS", "JOB 1", "TRADES", "BAL", "PEERS", "WHY", "HELP RUN",
    ] {
      #expect(try Grammar.parse(line, origin: origin).word.reads)
    }
    for line in [
      "RUN a", "PAUSE", "RESUME", "LIMIT m 5", "RESERVE 40", "PAUSE nonsense", "CHARGE 1W 1H",
      "DISCHARGE 1W 1H", "EXPORT 1W", "AUTO",
    ] {
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
      for word in ["RUN ", "CHARGE ", "EXPORT 5W "] {
        do {
          _ = try Grammar.parse(word + line, origin: .local)
        } catch {
          #expect(isOneMessage(TextReply.refusal(error)))
        }
      }
    }
  }

  @Test("reads back a quoted name", arguments: ["a", "my file", "a\"b", "c:\\d e", "“x”", "", "é"])
  func quotes(name: String) throws {
    let command = try Grammar.parse("LIMIT \(Grammar.quoted(name)) 1", origin: .local)
    #expect(command == .limit(neighbour: name, Credits(credits: 1)))
  }
}
