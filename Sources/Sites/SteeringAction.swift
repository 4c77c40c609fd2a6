import Quantities

/// What steering wants done.
public enum SteeringAction: Hashable, Sendable {
  /// Write to a device; answered by `finished`.
  case order(SteeringOrder)
  /// Keep this value under this key, before any order of the same step is carried out.
  case save(key: String, value: [UInt8])
  case forget(key: String)
  /// One line for the journal and the screen.
  case say(String)
  /// Whoever asked can be told now.
  case answer(token: Int64, SteeringAnswer)
}

/// What became of something that was asked for.
public enum SteeringAnswer: Hashable, Sendable {
  /// The device confirmed it.
  case done(SteeringState)
  /// Nothing is steered any more.
  case released
  /// Not yet known after a while; the decisions tell how it ends.
  case pending
  case failed(reason: String)
}
