import Quantities
import Sites

/// Lets other programs read the devices of a bus while the agent does.
///
/// Many inverters take one connection and hang up on the first when a second comes. The agent holds
/// that one; other clients connect here. What the agent or another client read within the age limit
/// is answered from memory, the rest is passed on in turn. Refusals are passed on too; when the
/// device is gone, clients hear so ("gateway target did not answer") at once instead of each
/// waiting for it. It reads only, unless writes are allowed: a write is passed on once, and what
/// was known of its unit is forgotten.
public final class ModbusProxy: Sendable {
  /// The most clients at a time; another takes the place of the one that is quiet for longest. Each
  /// has one request under way, so no more than these wait for the device.
  public static let maximumClients = 16

  /// Where clients reach it.
  public var port: UInt16 { listener.port }
  private let listener: ModbusListener

  /// Listens at once.
  ///
  /// - Parameters:
  ///   - bus: whose `maximumAge` says how old an answer may be.
  ///   - pace: one that suits all devices of the bus.
  ///   - address: the numeric address to bind.
  ///   - port: 0 takes a free one.
  public init(
    of bus: ModbusBus, pace: ModbusPace = .unhurried, address: String = "127.0.0.1", port: UInt16,
    allowsWrites: Bool = false
  ) throws(ModbusError) {
    let desk = Desk(bus: bus, allowsWrites: allowsWrites)
    listener = try ModbusListener(
      address: address, port: port, maximumClients: Self.maximumClients, crowding: .replaceIdlest
    ) { request, reply in
      if let body = desk.immediate(request) {
        return reply(ServedAnswer(request.frame(body)))
      }
      bus.forward(request, pace: pace) { reply(ServedAnswer(request.frame($0))) }
    }
  }

  /// Hangs up on all clients and gives the port back; a second call does nothing.
  public func stop() { listener.stop() }

  /// Decides what is answered how.
  private struct Desk: Sendable {
    let bus: ModbusBus
    let allowsWrites: Bool

    /// The answer that needs no device; nil when it has to be asked.
    func immediate(_ request: ModbusRequest) -> [UInt8]? {
      if request.isWrite, !allowsWrites { return request.reply(exception: 1) }
      if RegisterTable(rawValue: request.function) != nil {
        guard let span = request.span else { return request.reply(exception: 3) }
        if let words = bus.answers.words(of: span, unit: request.unit) {
          return request.reply(words: words)
        }
      }
      if case .serial = bus.endpoint {
        // A serial line has no lengths: an answer of unknown shape would have no end. To unit 0
        // nobody answers.
        guard request.answerLength != nil else { return request.reply(exception: 1) }
        guard request.unit != 0 else { return request.reply(exception: 11) }
      }
      return bus.answers.isLost(unit: request.unit) ? request.reply(exception: 11) : nil
    }
  }
}
