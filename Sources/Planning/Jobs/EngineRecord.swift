import Quantities
import Sealing

/// What was learned of one model on this node's engine.
public struct EngineRecord: Hashable, Sendable {
  /// An engine this many times slower than it was is taken to have lost its accelerator.
  static let fallbackFactor: Int64 = 4
  /// So many answers have to say it.
  static let fallbackAnswers = 4

  public let model: String
  /// The latest pace.
  public internal(set) var pace: EnginePace
  /// Tokens generated in 1,000 seconds, the best mean of at least `fallbackAnswers` answers.
  public internal(set) var bestGeneration: Int64?
  /// What the machine draws for this model, by its own sensor; nil until measured.
  public internal(set) var power: Power?
  /// From asking the engine to start until it was ready; nil until seen.
  public internal(set) var load: TimeSpan?

  /// Whether it is so much slower than it was that its accelerator may be gone.
  public var hasFallenBack: Bool {
    guard let best = bestGeneration, let now = pace.generation,
      pace.answers >= Self.fallbackAnswers
    else { return false }
    return now < best / Self.fallbackFactor
  }

  init(model: String, pace: EnginePace) {
    self.model = model
    self.pace = pace
  }

  mutating func take(_ pace: EnginePace) {
    self.pace = pace
    if let generation = pace.generation, pace.answers >= Self.fallbackAnswers {
      bestGeneration = max(bestGeneration ?? 0, generation)
    }
  }

  /// Adds what the machine was seen to draw for it, smoothed over about eight measurements.
  mutating func take(_ power: Power) {
    self.power = self.power.map { $0 + (power - $0).scaled(by: 1, over: 8) } ?? power
  }

  // MARK: storage

  static let prefix = "engine/"

  /// The key that it is stored under; a model's name may hold anything.
  var key: String { Self.prefix + Digest(of: Array(model.utf8)).hexadecimal }

  var encoded: [UInt8] {
    let none = CBORValue.bytes([])
    func optional(_ value: Int64?) -> CBORValue { value.map { .integer($0) } ?? none }
    return CBORValue.array([
      .integer(1), .text(model), .integer(Int64(pace.answers)), .integer(pace.request.rawValue),
      optional(pace.generation), optional(pace.reading), .integer(pace.continues ? 1 : 0),
      optional(bestGeneration), optional(power?.rawValue), optional(load?.rawValue),
    ]).encoded
  }

  /// The record that `encoded` gave, or nil for any other bytes.
  init?(decoding bytes: [UInt8]) {
    guard let fields = (try? CBORValue(decoding: bytes))?.array, fields.count == 10,
      fields[0] == .integer(1), let model = fields[1].text, let answers = fields[2].integer,
      let request = fields[3].integer, (0...magnitudeLimit).contains(answers),
      (0...magnitudeLimit).contains(request)
    else { return nil }
    func count(_ index: Int) -> Int64? {
      fields[index].integer.flatMap { (0...magnitudeLimit).contains($0) ? $0 : nil }
    }
    self.model = model
    pace = EnginePace(
      answers: Int(answers), request: TimeSpan(rawValue: request), generation: count(4),
      reading: count(5), continues: fields[6] == .integer(1))
    bestGeneration = count(7)
    power = count(8).map { Power(rawValue: $0) }
    load = count(9).map { TimeSpan(rawValue: $0) }
  }
}
