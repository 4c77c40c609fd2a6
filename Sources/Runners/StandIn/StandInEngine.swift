/// Stands in for an inference engine where none is installed, and says so in every reply.
///
/// Speaks what `BatchRunner` and llama-server's other clients need: `/health`, `/props`,
/// `/v1/models`, `POST /v1/chat/completions` and `/v1/completions`, streamed or not, at a pace; or
/// in place of llama-server's own addresses those by which Ollama and vLLM put a model away.
/// No model is behind it.
public final class StandInEngine: Sendable {
  public static let modelName = "stand-in"

  /// Which engine it passes for.
  public enum Program: Hashable, Sendable {
    case llamaServer
    case ollama
    /// In its development mode vLLM can be put to sleep, else not; it may refuse to wake.
    case vLLM(sleeps: Bool, wakes: Bool = true)
  }

  private let server: HTTPServer

  /// Serves on 127.0.0.1 (port 0: any free one), `slots` requests at once (1 to 64), each at
  /// `tokensPerSecond` (1 to 100,000); more requests wait for a slot.
  ///
  /// `witness` hears what each request asked, the prompt or the last message, before it is worked
  /// on: for counting them; and of orders about the model where they went. It is called on the
  /// server's thread. An `exaggeration` above 1 makes it claim so many times the tokens it wrote.
  public convenience init(
    port: UInt16 = 0, program: Program = .llamaServer, slots: Int = 2, tokensPerSecond: Int = 50,
    exaggeration: Int64 = 1, witness: (@Sendable (String) -> Void)? = nil
  ) throws(RunnerError) {
    let replies = StandInReplies(
      program: program, slots: slots, tokensPerSecond: tokensPerSecond,
      exaggeration: exaggeration, witness: witness)
    self.init(try HTTPServer(port: port) { replies.answer($0) })
  }

  /// The same on a Unix socket.
  public convenience init(
    socketPath: String, slots: Int = 2, tokensPerSecond: Int = 50
  ) throws(RunnerError) {
    let replies = StandInReplies(slots: slots, tokensPerSecond: tokensPerSecond)
    self.init(try HTTPServer(socketPath: socketPath) { replies.answer($0) })
  }

  private init(_ server: HTTPServer) { self.server = server }

  /// Where it listens; 0 on a Unix socket.
  public var port: UInt16 { server.port }

  /// Breaks off what is on its way and ends the server's thread.
  public func stop() { server.stop() }
}
