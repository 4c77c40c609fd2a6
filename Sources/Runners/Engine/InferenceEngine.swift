/// An inference engine that speaks the OpenAI API: llama-server, Ollama, vLLM, the stand-in.
public struct InferenceEngine: Hashable, Sendable {
  /// `http://host:port`, without a slash at its end; `http://localhost` for a Unix socket.
  let base: String
  /// The engine's Unix socket; nil when it is reached over TCP.
  let socketPath: String?
  /// Requests at once where the engine doesn't say itself: 1 to 64.
  public let slots: Int
  public let limits: EngineLimits

  static let maximumSlots = 64

  /// Takes `http://host:port`, `https://…` or the path of a Unix socket (`/run/engine.sock`).
  ///
  /// A path after the port is kept, so an engine behind a proxy works; one that ends in `/v1` is
  /// taken as the address without it, as both ways of writing it are usual.
  public init(
    address: String, slots: Int = 1, limits: EngineLimits = EngineLimits()
  ) throws(RunnerError) {
    let expected = "expected http://host:port or the path of a Unix socket"
    guard (1...Self.maximumSlots).contains(slots) else {
      throw RunnerError(.address, "engine slots \(slots): expected 1 to \(Self.maximumSlots)")
    }
    guard address.utf8.count <= 512, address.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
      throw RunnerError(.address, "engine address has spaces or odd characters: \(expected)")
    }
    self.slots = slots
    self.limits = limits
    if address.hasPrefix("/") || address.hasPrefix("unix:/") {
      let path = address.hasPrefix("/") ? address : String(address.dropFirst(5))
      guard path.utf8.count <= 107 else {
        throw RunnerError(.address, "engine socket \(path): a socket path has at most 107 bytes")
      }
      socketPath = path
      base = "http://localhost"
      return
    }
    socketPath = nil
    let scheme = ["http://", "https://"].first { address.hasPrefix($0) }
    guard let scheme, address.utf8.count > scheme.utf8.count else {
      throw RunnerError(.address, "engine address \(address): \(expected)")
    }
    // A password typed into the address would be shown in messages.
    guard !address.contains("@") else {
      throw RunnerError(.address, "engine address holds a user or password: \(expected)")
    }
    var base = address[...]
    while base.hasSuffix("/") { base.removeLast() }
    if base.hasSuffix("/v1") { base.removeLast(3) }
    self.base = String(base)
  }

  /// How messages call it.
  public var address: String { socketPath ?? base }
}
