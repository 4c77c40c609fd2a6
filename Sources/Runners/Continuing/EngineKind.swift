/// Which program an engine is, as far as that matters for going on with a broken-off answer and for
/// putting its model away.
enum EngineKind: Hashable, Sendable {
  /// llama.cpp's server: shows how it writes a conversation out (`/apply-template`), counts tokens
  /// in each chunk (`timings_per_token`) and says which slots are at work (`/slots`).
  case llamaServer
  /// vLLM: goes on with a last message of the assistant (`continue_final_message`) and counts
  /// tokens in each chunk (`continuous_usage_stats`). In its development mode it can be put to
  /// sleep.
  case vLLM
  /// Ollama: puts a model away when it is told to keep it for no time (`keep_alive`).
  case ollama
  /// Any other: a broken-off answer is begun anew there.
  case other

  /// Whether it can go on with what was generated before.
  var continues: Bool { self == .llamaServer || self == .vLLM }
}
