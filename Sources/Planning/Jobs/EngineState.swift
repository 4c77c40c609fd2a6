/// What the runner knows of the inference engine.
public enum EngineState: Hashable, Sendable {
  case unknown
  /// Ready, with this many requests at once; `name` is what the engine calls itself.
  case ready(slots: Int, name: String)
  case unavailable(reason: String)
}
