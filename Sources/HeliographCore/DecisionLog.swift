import Ledger
import Quantities
import Sealing
import Texting

/// The latest decisions and their reasons; older ones make room.
public struct DecisionLog: Sendable {
  /// Decisions kept, in memory and in the store.
  public static let capacity = 200
  private static let prefix = "decision/"

  /// In order of serial.
  public private(set) var decisions: [Decision] = []
  private var nextSerial: Int64 = 1

  public init() {}

  /// Adds a decision; returns it with what to store.
  public mutating func add(
    _ topic: Decision.Topic, _ text: String, at now: Instant
  ) -> (decision: Decision, store: KeyedValue) {
    let decision = Decision(serial: nextSerial, at: now, topic: topic, text: text)
    nextSerial += 1
    decisions.append(decision)
    if decisions.count > Self.capacity { decisions.removeFirst() }
    let value = CBORValue.array([
      .integer(decision.serial), .integer(now.rawValue), .text(topic.rawValue), .text(text),
    ])
    let key = "\(Self.prefix)\(decision.serial % Int64(Self.capacity))"
    return (decision, KeyedValue(key: key, value: value.encoded))
  }

  /// The decisions after `serial`, oldest first.
  public func since(_ serial: Int64) -> [Decision] { decisions.filter { $0.serial > serial } }

  /// Takes back what an earlier run stored; keys of others are left alone.
  public mutating func restore(key: String, value: [UInt8]) {
    guard key.hasPrefix(Self.prefix), let fields = (try? CBORValue(decoding: value))?.array,
      fields.count == 4, let serial = fields[0].integer, let at = fields[1].integer,
      let topic = fields[2].text.flatMap(Decision.Topic.init), let text = fields[3].text
    else { return }
    decisions.append(
      Decision(serial: serial, at: Instant(rawValue: at), topic: topic, text: text))
    decisions.sort { $0.serial < $1.serial }
    nextSerial = max(nextSerial, serial + 1)
  }
}
