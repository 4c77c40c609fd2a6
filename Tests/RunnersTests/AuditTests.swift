import Ledger
import Runners
import Sealing
import Testing

/// What a buyer finds out with an engine of its own.
struct AuditTests {
  static let reply =
    "[stand-in, no model] This reply holds no answer: no model is installed here."

  /// A check of one answer by a buyer whose engine is the stand-in.
  func findings(
    _ text: String, tokens: Int, more: String = ",\"temperature\":0", model: String = "stand-in"
  ) throws -> ResultFindings {
    let engine = try StandInEngine(tokensPerSecond: 100_000)
    defer { engine.stop() }
    let fixture = try NeighbourWorkTests()
    let line = NeighbourWorkTests.line("x", more: more)
      .replacing("\"max_tokens\":8", with: "\"max_tokens\":99")
    let work = try fixture.stage([line])
    try fixture.sendWork(work)
    _ = try fixture.open(NeighbourWorkTests.terms(work))
    try fixture.answer([(0, text, tokens)])
    var settings = NeighbourWorkTests.settings(
      fixture.scratch.path + "/a", engine: "http://127.0.0.1:\(engine.port)")
    settings.models[0].name = model
    let desk = NeighbourWork(keys: fixture.buyerKeys, settings: settings)
    return try fixture.check(work, try fixture.commit(), by: desk)
  }

  @Test("an answer that the same model gives again passes")
  func passes() throws {
    let findings = try findings(Self.reply, tokens: 13)
    #expect(findings.auditsPassed == 1)
    #expect(findings.auditsFailed == 0)
    #expect(findings.tokens == 13)
  }

  @Test("an answer that is made up fails")
  func fails() throws {
    let findings = try findings("The sun is a star, and so on and so on.", tokens: 10)
    #expect(findings.areThoseCommitted)
    #expect(findings.auditsPassed == 0)
    #expect(findings.auditsFailed == 1)
  }

  @Test("what hangs on chance is not computed again, only counted")
  func chance() throws {
    let findings = try findings("The sun is a star.", tokens: 5, more: "")
    #expect(findings.auditsPassed + findings.auditsFailed == 0)
    #expect(findings.tokens == 5)
  }

  @Test("tokens that are no words are not paid for: the tokenizer counts, a sixteenth is given")
  func recount() throws {
    // 32 words.
    let text = Array(repeating: "sun", count: 32).joined(separator: " ")
    #expect(try findings(text, tokens: 99, more: "").tokens == 32 + 2 + 1)
    #expect(try findings(text, tokens: 34, more: "").tokens == 34)
  }

  @Test("an engine that serves another model says nothing about a neighbour's")
  func otherModel() throws {
    let findings = try findings("The sun is a star.", tokens: 99, model: "gemma")
    #expect(findings.auditsPassed + findings.auditsFailed == 0)
    #expect(findings.tokens == 19)
  }

  /// What the audit comes to when a model goes on with `words` at each departure.
  private func verdict(
    _ text: String, canGoOn: Bool = true, model: (String) -> String
  ) -> AnswerAudit.Verdict {
    var audit = AnswerAudit(text, canGoOn: canGoOn)
    while true {
      if case .ended(let verdict) = audit.take(model(audit.heldText)) { return verdict }
    }
  }

  static let tale =
    "Once upon a time there was a lighthouse on a rock in the sea, and its lamp was fed by the sun."

  @Test("a model that takes another word now and then is the same one")
  func nearTies() {
    #expect(verdict(Self.tale) { String(Self.tale.dropFirst($0.count)) } == .passed)
    // It departs at the third and at the tenth word, and finds back both times.
    let first = "Once upon a time"
    let second = "Once upon a time there was a lighthouse on a rock"
    let found = verdict(Self.tale) { held in
      switch held.count {
      case ..<first.count: "Once upon a hill"
      case ..<second.count: " there was a lighthouse on a cliff"
      default: String(Self.tale.dropFirst(held.count))
      }
    }
    #expect(found == .passed)
  }

  @Test("a model that departs at every other word is another one")
  func anotherModel() {
    #expect(verdict(Self.tale) { _ in " and so on" } == .failed)
    #expect(verdict(Self.tale) { _ in "" } == .failed)
    #expect(verdict("") { _ in "Yes." } == .passed)
  }

  @Test("one word that differs tells nothing, nor does an engine that can't go on")
  func undecided() {
    #expect(verdict("Yes.") { $0.isEmpty ? "No." : "" } == .undecided)
    #expect(verdict("Yes.") { _ in "Yes." } == .passed)
    #expect(verdict(Self.tale, canGoOn: false) { _ in "Twice" } == .undecided)
    #expect(verdict(Self.tale, canGoOn: false) { _ in String(Self.tale.prefix(70)) } == .passed)
  }

  @Test("text without spaces is cut between characters")
  func characters() {
    let text = String(repeating: "太陽", count: 40)
    let found = verdict(text) { held in
      #expect(!held.unicodeScalars.contains("\u{FFFD}"))
      return held.isEmpty ? "月" : String(text.dropFirst(held.count))
    }
    #expect(found == .passed)
  }
}
