import Quantities
import Sites

/// Which requests a unit refused because it lacks some of their registers, and what to ask instead.
///
/// A profile fits a family of devices, and a member may lack registers that lie among those it has:
/// packed into one request they cost all of it. What a unit lacks is not asked for at each poll,
/// but again after a while (an hour): an update may have brought it.
struct RefusedRegisters {
  /// What is asked instead of a request that was refused: nothing, where all of it is lacking.
  private struct Substitute {
    let spans: [RegisterSpan]
    /// In nanoseconds of the steady clock.
    let until: Int64
  }

  /// How long a refusal is remembered, in nanoseconds.
  let memory: Int64
  /// The most requests that are remembered.
  static let maximumCount = 512

  private struct Key: Hashable {
    let unit: UInt8
    let span: RegisterSpan
  }

  private var substitutes: [Key: Substitute] = [:]
  private var answered: Set<Key> = []

  init(memory: TimeSpan) { self.memory = memory.milliseconds * 1_000_000 }

  /// What to ask for `span`; nil: itself.
  func spans(insteadOf span: RegisterSpan, unit: UInt8, now: Int64) -> [RegisterSpan]? {
    guard !substitutes.isEmpty else { return nil }
    guard let found = substitutes[Key(unit: unit, span: span)], now < found.until else {
      return nil
    }
    return found.spans
  }

  /// Notes that a request was answered whole: if it is refused later, that will pass.
  mutating func answered(_ span: RegisterSpan, unit: UInt8) {
    let key = Key(unit: unit, span: span)
    guard !answered.contains(key) else { return }
    if answered.count >= Self.maximumCount { answered = [] }
    answered.insert(key)
    substitutes[key] = nil
  }

  /// Notes that of the refused `span` only `spans` were answered.
  mutating func refused(_ span: RegisterSpan, but spans: [RegisterSpan], unit: UInt8, now: Int64) {
    let key = Key(unit: unit, span: span)
    guard !answered.contains(key) else { return }
    if substitutes.count >= Self.maximumCount { substitutes = [:] }
    substitutes[key] = Substitute(spans: spans, until: now + memory)
  }

  /// Forgets what is known of `unit`.
  mutating func forget(unit: UInt8) {
    substitutes = substitutes.filter { $0.key.unit != unit }
    answered = answered.filter { $0.unit != unit }
  }

  /// Forgets everything: behind a new connection may be another device.
  mutating func forget() {
    substitutes = [:]
    answered = []
  }

  /// The whole numbers in `span`, those that overlap as one, by address.
  static func pieces(of span: RegisterSpan, numbers: [RegisterSpan]) -> [RegisterSpan] {
    let inside = numbers.filter {
      $0.table == span.table && $0.address >= span.address && $0.end <= span.end
    }
    var pieces: [RegisterSpan] = []
    for number in inside.sorted(by: { ($0.address, $0.end) < ($1.address, $1.end) }) {
      if let last = pieces.last, number.address < last.end {
        pieces[pieces.count - 1] = hull(last, number)
      } else {
        pieces.append(number)
      }
    }
    return pieces
  }

  /// The run from the first register of one to the last of another behind it.
  static func hull(_ first: RegisterSpan, _ last: RegisterSpan) -> RegisterSpan {
    RegisterSpan(
      table: first.table, address: first.address,
      count: max(first.end, last.end) - first.address)
  }
}
