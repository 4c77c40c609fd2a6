import Sites
import Synchronization

/// A Modbus TCP device made of register images: what a simulated house is read from.
///
/// It answers reads (functions 3 and 4) on a thread of its own, up to 16 clients at a time, each
/// request from one whole image. Registers that the image lacks are an exception, and so is every
/// write: a simulated device can't be steered.
public final class ModbusServer: Sendable {
  private final class Registers: Sendable {
    private let images = Mutex<[UInt8: RegisterImage]>([:])

    func update(_ image: RegisterImage?, unit: UInt8) { images.withLock { $0[unit] = image } }

    func answer(_ request: ModbusRequest) -> [UInt8] {
      guard let image = images.withLock({ $0[request.unit] }) else {
        return request.reply(exception: 11)
      }
      guard RegisterTable(rawValue: request.function) != nil else {
        return request.reply(exception: 1)
      }
      guard let span = request.span else { return request.reply(exception: 3) }
      guard let words = image.words(in: span) else { return request.reply(exception: 2) }
      return request.reply(words: words)
    }
  }

  /// The port that clients reach it by.
  public var port: UInt16 { listener.port }
  private let listener: ModbusListener
  private let registers: Registers

  /// Listens at once, and answers "gateway target did not answer" until a unit has its image.
  ///
  /// - Parameters:
  ///   - address: the numeric address to bind.
  ///   - port: 0 takes a free one.
  public init(address: String = "127.0.0.1", port: UInt16) throws(ModbusError) {
    let registers = Registers()
    self.registers = registers
    listener = try ModbusListener(address: address, port: port) { request, reply in
      reply(ServedAnswer(request.frame(registers.answer(request))))
    }
  }

  /// Gives `unit` new registers, all at once.
  public func update(image: RegisterImage, unit: UInt8) { registers.update(image, unit: unit) }

  /// Takes `unit` away: it answers "gateway target did not answer" like a device switched off.
  public func remove(unit: UInt8) { registers.update(nil, unit: unit) }

  /// Closes every connection and waits for the thread to end; a second call does nothing.
  public func stop() { listener.stop() }
}
