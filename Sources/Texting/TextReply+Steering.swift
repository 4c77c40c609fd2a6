import Quantities
import Sites

// The answers to commands that steer devices.
extension TextReply {
  /// What became of a request: what was done, until when, and what brings it back.
  public static func steering(_ answer: SteeringAnswer, localTime: LocalTime) -> String {
    switch answer {
    case .done(let state): return SMSAlphabet.fitted(done(state, localTime))
    case .released: return "Every device goes its own way. STATUS shows the house."
    case .pending:
      return refusal("the device has not confirmed yet. WHY tells how it ends, AUTO ends it.")
    case .failed(let reason): return refusal("\(reason).")
    }
  }

  private static func done(_ state: SteeringState, _ localTime: LocalTime) -> String {
    let device = SMSAlphabet.fitted(state.device, septets: 16)
    let until =
      state.until.map { "until \(localTime.clock(at: $0)). AUTO ends it." }
      ?? "until you type AUTO."
    let back =
      switch state.failSafe {
      case .timeout(let span): "it falls back by itself within \(span.text)"
      case .guardian: "the guardian gives it back"
      }
    return "\(device): \(state.control.words(for: state.value)) \(until) "
      + "If this node dies, \(back)."
  }

  /// What is steered now, for a status line; nil where nothing is.
  static func steered(_ view: HouseholdView) -> String? {
    guard let state = view.steered.first(where: { $0.control != .reserve }) else { return nil }
    let others = view.steered.count(where: { $0.control != .reserve }) - 1
    let until = state.until.map { " until \(view.localTime.clock(at: $0))" } ?? ""
    let more = others > 0 ? " +\(others)" : ""
    let rests = state.isHeld ? "" : " rests"
    return "\(state.control.words(for: state.value))\(rests)\(until)\(more): AUTO ends."
  }

  /// The devices that keep the reserve by themselves.
  static func told(_ view: HouseholdView) -> String? {
    let names = view.steered.filter { $0.control == .reserve }.map(\.device)
    return names.isEmpty ? nil : SMSAlphabet.fitted(names.joined(separator: ", "), septets: 40)
  }
}
