import Quantities

/// Chooses how a running job is brought to rest when the sun is gone, from what each way costs.
///
/// Letting requests finish takes energy from the grid for as long as they last. Breaking them off
/// takes the energy of reading them again, later and from the sun, and a second or so for the
/// engine to let go. The means of requests that came before stand for those in flight.
public struct Preemption: Hashable, Sendable {
  /// What an engine needs to let go of a request, and again to take it up.
  static let overhead = TimeSpan(seconds: 2)
  /// What lasts no longer than this is never broken off.
  static let shortest = TimeSpan(seconds: 5)

  /// What the job draws.
  public var power: Power
  /// What of that would come from the grid while requests finish.
  public var short: Power
  public var importPrice: Price
  /// What a kWh of surplus would have brought: what taking the work up again costs.
  public var exportPrice: Price

  public init(power: Power, short: Power, importPrice: Price, exportPrice: Price) {
    self.power = max(.zero, power)
    self.short = short.clamped(to: .zero...max(.zero, power))
    self.importPrice = max(.zero, importPrice)
    self.exportPrice = max(.zero, exportPrice)
  }

  /// The cheaper way; requests finish where too little is known to say.
  public func choice(_ pace: EnginePace?, promptTokens: Int64) -> PauseKind {
    guard let pace, pace.continues, pace.request >= Self.shortest else { return .drain }
    return cutting(pace, promptTokens: promptTokens) < draining(pace) ? .cut : .drain
  }

  /// What it costs to let requests finish: with several in flight the last takes about a whole
  /// request's time.
  func draining(_ pace: EnginePace) -> Credits {
    importPrice.cost(of: short.energy(over: pace.request))
  }

  /// What it costs to break them off: what is short until the engine lets go, and reading prompt
  /// and half an answer again with power that would have been sold.
  func cutting(_ pace: EnginePace, promptTokens: Int64) -> Credits {
    var again = Self.overhead
    if let reading = pace.reading, reading > 0 {
      let answer = (pace.generation ?? 0) * pace.request.milliseconds / 2_000_000
      let tokens = min(promptTokens, 1_000_000) + min(answer, 1_000_000)
      again = again + TimeSpan(milliseconds: tokens * 1_000_000 / reading)
    } else {
      // Unknown: as if reading took a tenth of the whole.
      again = again + TimeSpan(milliseconds: pace.request.milliseconds / 10)
    }
    return importPrice.cost(of: short.energy(over: Self.overhead))
      + exportPrice.cost(of: power.energy(over: again.clamped(to: .zero ... .day)))
  }
}
