/// How a simulated house cheats its neighbours.
public enum AdversaryKind: String, Hashable, Sendable, CaseIterable {
  /// Runs a copy of its board with the same key from some moment on, each for a part of its
  /// neighbours, and signs contradicting records by hand.
  case fork
  /// The same while the network is split, a copy on either side: both sell the same sunlight.
  case doubleSale = "double-sale"
  /// Sends old frames, orders and statements again, and those of another community.
  case replay
  /// Its meter counts three times what it exports and a quarter of what it imports.
  case forgedMeter = "forged-meter"
  /// Computes for neighbours and claims twice the tokens.
  case inflatedTokens = "inflated-tokens"
  /// Buys all it can, neither states its meter nor hears others' statements.
  case withheldSettlement = "withheld-settlement"
  /// Its clock is days or decades off, and it writes records of 1970 and 2099.
  case clockLiar = "clock-liar"
  /// Junk, orders of invented houses, questions and links without end.
  case flooder
  /// The largest and deepest records, contracts with everybody, answers to nothing.
  case recordBomb = "record-bomb"

  /// Whether it has two nodes, which would learn of each other from their neighbours if they
  /// listened.
  var hasCopy: Bool { self == .fork || self == .doubleSale }
}
