import Hardware
import Sites
import Synchronization

/// A Modbus TCP device that answers as a test says, and remembers what it was asked and when.
final class ScriptedDevice: Sendable {
  struct Heard: Sendable {
    let request: ModbusRequest
    let at: ContinuousClock.Instant
    /// When the answer was given to the server, which is before it is sent.
    var answered: ContinuousClock.Instant
  }

  typealias Script = @Sendable (ModbusRequest, Int) -> ServedAnswer?

  let listener: ModbusListener
  private let heard: Heards

  private final class Heards: Sendable {
    let all = Mutex<[Heard]>([])
  }

  var port: UInt16 { listener.port }
  var requests: [Heard] { heard.all.withLock { $0 } }
  var spans: [RegisterSpan] { requests.compactMap(\.request.span) }

  /// - Parameter script: what to answer to a request, and the how manieth it is, from 0; nil: each
  ///   register holds its own address.
  init(maximumClients: Int = 16, _ script: @escaping Script) throws {
    let heard = Heards()
    self.heard = heard
    listener = try ModbusListener(
      port: 0, maximumClients: maximumClients, crowding: .replaceIdlest
    ) { request, reply in
      let at = ContinuousClock.now
      let number = heard.all.withLock { $0.count }
      let answer = script(request, number) ?? ServedAnswer(request.frame(Self.addresses(request)))
      heard.all.withLock { $0.append(Heard(request: request, at: at, answered: .now)) }
      reply(answer)
    }
  }

  /// The answer in which each register holds its own address; a write is confirmed.
  static func addresses(_ request: ModbusRequest) -> [UInt8] {
    guard let span = request.span else {
      return request.write == nil ? request.reply(exception: 1) : request.replyToWrite()
    }
    return request.reply(words: (span.address..<span.end).map { UInt16($0) })
  }

  func stop() { listener.stop() }
}
