/// A way in which a simulated device, or the wire to it, goes wrong: all of them seen in houses.
///
/// The raw values are the words of `--fault`.
public enum HouseFault: String, Hashable, Sendable, CaseIterable {
  /// The answer comes after the client's time-out, before the next one.
  case late
  /// No answer at all.
  case silence
  /// The answer bears another device's unit.
  case wrongUnit = "wrong-unit"
  /// The answer bears another request's transaction.
  case wrongTransaction = "wrong-transaction"
  /// The halves of a 32-bit number are of different moments: the high one is a carry off.
  case torn
  /// A number is the device's "not available", or not a number.
  case sentinel
  /// The device repeats what it said for a while, as a gateway does whose battery is gone.
  case frozen
  /// The energy counters are one count down, once.
  case dip
  /// The device restarts after its answer: its energy counters begin at zero.
  case reset
  /// The device does not answer from dusk to dawn.
  case night
  /// The device serves one connection: a second client ends the first one's.
  case oneClient = "one-client"
  /// The device refuses, with an exception code.
  case exception
  /// Bytes that are no Modbus.
  case garbage
  /// Half an answer, and then nothing.
  case half
  /// A few stray bytes before the answer, as a bus without termination makes them.
  case noise
  /// The request comes back before the answer, as cheap RS-485 adapters do.
  case echo

  /// What goes on all the time and hits no request in particular.
  public var isLasting: Bool { self == .night || self == .oneClient }

  /// What changes the registers' words; the others change what becomes of an answer on its way.
  public var isOfRegisters: Bool {
    switch self {
    case .torn, .sentinel, .frozen, .dip, .reset: true
    default: false
    }
  }

  /// Whether it can happen on a serial line: transactions and connections are TCP's.
  public var happensOnSerialLines: Bool { self != .wrongTransaction && self != .oneClient }
}
