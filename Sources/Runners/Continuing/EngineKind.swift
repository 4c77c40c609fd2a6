/// Which program an engine is, as far as that matters for going on with a broken-off answer.
enum EngineKind: Hashable, Sendable {
  /// llama.cpp's server: shows how it writes a conversation out (`/apply-template`), counts tokens
  /// in each chunk (`timings_per_token`) and says which slots are at work (`/slots`).
  case llamaServer
  /// vLLM: goes on with a last message of the assistant (`continue_final_message`) and counts
  /// tokens in each chunk (`continuous_usage_stats`).
  case vLLM
  /// Any other: a broken-off answer is begun anew there.
  case other

  /// Whether it can go on with what was generated before.
  var continues: Bool { self != .other }
}
