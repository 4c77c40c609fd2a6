/// Asks an engine whether it is ready, which program it is, how many requests it takes at once and
/// what it calls itself.
///
/// llama-server has `/health` and `/props`, vLLM `/health`, `/version` and perhaps `/is_sleeping`,
/// Ollama `/api/version`, others `/v1/models`.
/// Each question is one exchange.
struct EngineProbe {
  enum Step: Hashable {
    case ask(path: String)
    case ready(slots: Int, name: String, kind: EngineKind, isAsleep: Bool)
    case unavailable(reason: String)
  }

  private enum Question {
    case health, properties, version, sleeping, ollama, models
  }

  private let configuredSlots: Int
  private var question = Question.health
  private var isHealthy = false
  private var slots: Int?
  private var kind = EngineKind.other
  private var isAsleep = false

  init(configuredSlots: Int) { self.configuredSlots = configuredSlots }

  var path: String {
    switch question {
    case .health: "/health"
    case .properties: "/props"
    case .version: "/version"
    case .sleeping: "/is_sleeping"
    case .ollama: "/api/version"
    case .models: "/v1/models"
    }
  }

  /// The next step after the answer to the question at `path`.
  mutating func take(_ ending: TransferEnding) -> Step {
    switch ending {
    case .unreachable(let reason), .broken(let reason): return .unavailable(reason: reason)
    case .assembled: return .unavailable(reason: "answers a plain question with a stream")
    case .answer(let status, let body, _):
      let value = try? JSONParser.parse(body)
      switch question {
      case .health: return takeHealth(status, value)
      case .properties:
        if status == 200, let total = value?["total_slots"]?.integer, total > 0 {
          slots = Int(min(total, Int64(InferenceEngine.maximumSlots)))
          kind = .llamaServer
        }
        question = kind == .llamaServer ? .models : .version
        return .ask(path: path)
      case .version:
        if status == 200, value?["version"]?.text != nil { kind = .vLLM }
        question = kind == .vLLM ? .sleeping : .models
        return .ask(path: path)
      case .sleeping:
        isAsleep = status == 200 && value?["is_sleeping"] == .bool(true)
        question = .models
        return .ask(path: path)
      case .ollama:
        if status == 200, value?["version"]?.text != nil { kind = .ollama }
        question = .models
        return .ask(path: path)
      case .models: return takeModels(status, value)
      }
    }
  }

  private mutating func takeHealth(_ status: Int, _ value: JSONValue?) -> Step {
    switch status {
    case 200:
      isHealthy = true
      question = .properties
      return .ask(path: path)
    case 404, 405:
      question = .ollama
      return .ask(path: path)
    default:
      let words = value?["error"]?["message"]?.text
      return .unavailable(reason: words ?? "answers \(status) when asked for its health")
    }
  }

  private func takeModels(_ status: Int, _ value: JSONValue?) -> Step {
    let id = status == 200 ? value?["data"]?.elements?.first?["id"]?.text : nil
    guard isHealthy || status == 200 else {
      return .unavailable(reason: "answers \(status) when asked for its models")
    }
    // llama-server without an alias names the model's path.
    let short = id.flatMap { $0.split(separator: "/").last }.map(String.init)
    let name = SystemText.printable(short ?? "unnamed", limit: 40)
    return .ready(slots: slots ?? configuredSlots, name: name, kind: kind, isAsleep: isAsleep)
  }
}
