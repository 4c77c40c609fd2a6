/// What of an answer has been generated so far: enough to go on from.
struct Generated: Hashable {
  var text: String
  /// How many tokens it has, as the engine counts them.
  var tokens: Int64
  /// Tokens of the request itself; nil where the engine doesn't say.
  var promptTokens: Int64?
  /// How often its generation was broken off.
  var cuts: Int = 0
}
