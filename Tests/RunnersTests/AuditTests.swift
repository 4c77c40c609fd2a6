import Ledger
@testable import Runners
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
}
