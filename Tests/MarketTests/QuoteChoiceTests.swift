import Market
import Quantities
import Sealing
import Testing
import Thrown

@Suite struct QuoteChoiceTests {
  static let now = Instant(millisecondsSince1970: 1_800_000_000_000)
  static let job = QuoteChoice.Job(
    worth: Credits(credits: 10), deadline: now + TimeSpan(minutes: 120))

  static func provider(_ number: Int64) -> PublicKey {
    PublicKey(words: Digest(of: CBORValue.integer(number).encoded).words)
  }

  static func quote(_ number: Int64, price: Int64, minutes: Int64) -> ComputingQuote {
    ComputingQuote(
      provider: provider(number), price: Credits(millicredits: price),
      finish: now + TimeSpan(minutes: minutes),
      identity: Digest(of: CBORValue.array([.integer(number), .integer(price)]).encoded))
  }

  static func choose(
    _ quotes: [ComputingQuote], _ seen: [PublicKey: ProviderExperience] = [:],
    name: String = "ana"
  ) -> QuoteChoice? {
    QuoteChoice.choose(
      among: quotes, for: job, at: now, experience: { seen[$0] ?? ProviderExperience() },
      name: { $0 == provider(1) ? name : "bo" })
  }

  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// Of providers 1 and 2: price in millicredits, minutes to the promised end.
    let quotes: [(price: Int64, minutes: Int64)]
    let seen: [ProviderExperience]
    let chosen: Int64?
  }

  static let proven = ProviderExperience(inTime: 18, late: 1, failed: 1, auditsPassed: 10)
  static let stranger = ProviderExperience()

  static let cases = [
    Case(
      testDescription: "of strangers the cheaper", quotes: [(4000, 60), (3000, 60)],
      seen: [stranger, stranger], chosen: 2),
    Case(
      testDescription: "at one price the earlier", quotes: [(3000, 40), (3000, 60)],
      seen: [stranger, stranger], chosen: 1),
    Case(
      testDescription: "who was in time before a stranger who is a little cheaper",
      quotes: [(4000, 60), (3500, 60)], seen: [proven, stranger], chosen: 1),
    Case(
      testDescription: "a stranger who asks almost nothing before who was in time",
      quotes: [(6000, 60), (500, 60)], seen: [proven, stranger], chosen: 2),
    Case(
      testDescription: "not who delivers late, for a small saving",
      quotes: [(4000, 60), (3000, 60)],
      seen: [stranger, ProviderExperience(late: 9)], chosen: 1),
    Case(
      testDescription: "not who was caught with wrong results, at half the price",
      quotes: [(4000, 60), (2000, 60)],
      seen: [stranger, ProviderExperience(inTime: 5, auditsPassed: 3, auditsFailed: 1)], chosen: 1),
    Case(
      testDescription: "none that is dearer than the job is worth", quotes: [(10_001, 60)],
      seen: [proven], chosen: nil),
    Case(
      testDescription: "none that ends after the deadline", quotes: [(1000, 121)], seen: [proven],
      chosen: nil),
    Case(
      testDescription: "none whose risk is not worth its price", quotes: [(9900, 60)],
      seen: [stranger], chosen: nil),
    Case(testDescription: "none of none", quotes: [], seen: [], chosen: nil),
  ]

  @Test("price, deadline and experience decide", arguments: cases)
  func choice(_ test: Case) {
    var quotes: [ComputingQuote] = []
    var seen: [PublicKey: ProviderExperience] = [:]
    for (index, offer) in test.quotes.enumerated() {
      let number = Int64(index + 1)
      quotes.append(Self.quote(number, price: offer.price, minutes: offer.minutes))
      seen[Self.provider(number)] = test.seen[index]
    }
    let expected = test.chosen.map { Self.provider($0) }
    #expect(Self.choose(quotes, seen)?.quote.provider == expected)
    #expect(Self.choose(quotes.reversed(), seen)?.quote.provider == expected)
  }

  @Test("the gain expected is the worth less the price, by the chances")
  func gain() {
    // In time 2 of 4, late 1 of 4, right 8 of 9: 1/2 × (8.889 − 3) + 1/4 × (4.444 − 3) = 3.305.
    let gain = QuoteChoice.expectedGain(
      of: Self.quote(1, price: 3000, minutes: 10), Self.job, ProviderExperience())
    #expect(gain == Credits(millicredits: 3305))
  }

  @Test("a success more never makes a provider worth less, a failure more never worth more")
  func monotone() {
    var source = SeededSource(seed: 7)
    for _ in 0..<300 {
      let seen = ProviderExperience(
        inTime: source.number(0...30), late: source.number(0...9), failed: source.number(0...9),
        auditsPassed: source.number(0...20), auditsFailed: source.number(0...3))
      let quote = Self.quote(1, price: source.number(0...6000), minutes: 30)
      let gain = QuoteChoice.expectedGain(of: quote, Self.job, seen)
      var better = seen
      better.auditsPassed += 1
      #expect(QuoteChoice.expectedGain(of: quote, Self.job, better) >= gain)
      var worse = seen
      worse.auditsFailed += 1
      #expect(QuoteChoice.expectedGain(of: quote, Self.job, worse) <= gain)
      guard gain > .zero else { continue }
      worse = seen
      worse.failed += 1
      #expect(QuoteChoice.expectedGain(of: quote, Self.job, worse) <= gain)
    }
  }

  @Test("the reason fits a text message and names what decided")
  func reason() throws {
    let seen = [
      Self.provider(1): Self.proven, Self.provider(2): ProviderExperience(auditsFailed: 2),
    ]
    let quotes = [
      Self.quote(1, price: 3000, minutes: 40), Self.quote(2, price: 2000, minutes: 150),
      Self.quote(2, price: 2000, minutes: 110),
    ]
    let choice = try #require(Self.choose(quotes, seen))
    #expect(
      choice.reason == "ana: 3.00 cr, done in 40 min, 18 of 20 jobs in time; "
        + "before bo: 2.00 cr, done in 110 min, 2 of 2 audits failed")
    #expect(choice.others == 1)
    let long = try #require(Self.choose(quotes, seen, name: String(repeating: "x", count: 400)))
    #expect(long.reason.count <= QuoteChoice.maximumReason)
    #expect(long.reason.contains("18 of 20"))
  }

  @Test("absurd counts and sums overflow nothing")
  func extremes() {
    let most = Int64.max
    let seen = ProviderExperience(
      inTime: most, late: most, failed: most, auditsPassed: most, auditsFailed: most)
    let dear = ComputingQuote(
      provider: Self.provider(1), price: Credits(millicredits: magnitudeLimit), finish: Self.now,
      identity: .zero)
    let job = QuoteChoice.Job(worth: Credits(millicredits: magnitudeLimit), deadline: Self.now)
    #expect(QuoteChoice.expectedGain(of: dear, job, seen) < .zero)
  }
}
