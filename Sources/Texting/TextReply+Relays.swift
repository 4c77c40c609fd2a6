import Quantities

// What is said of relays.
extension TextReply {
  /// The reply to the word that lifted the hold on everything.
  public static let released =
    "Relays may go on, and jobs when there is spare power. RELAYS and JOBS list them."

  static func relays(_ view: HouseholdView) -> String {
    guard !view.relays.isEmpty else {
      return "No relays. They are listed under relays in the configuration."
    }
    let lines = view.relays.map { relay in
      "\(SMSAlphabet.fitted(relay.name, septets: 16)) \(state(relay, view)) (\(relay.mode))"
    }
    if view.isHeldOff { return listed(lines, ending: "All are held off: RESUME.") }
    let manual = view.relays.first { $0.mode == "manual" }
    return listed(
      lines,
      ending: manual.map { "RELAY \($0.name) \($0.isOn ? "OFF" : "ON") switches." }
        ?? "HELP RELAY explains.")
  }

  static func relay(_ name: String, _ view: HouseholdView) -> String {
    guard let relay = view.relays.first(where: { $0.name == name }) else {
      return refusal("there is no relay \"\(SMSAlphabet.fitted(name, septets: 24))\".")
    }
    return "Relay \(relay.name) is \(state(relay, view)). RELAYS lists all."
  }

  private static func state(_ relay: HouseholdView.Relay, _ view: HouseholdView) -> String {
    if relay.hasTrouble { return "in TROUBLE" }
    let state = relay.isShedding ? (relay.isOn ? "shed" : "not shed") : relay.isOn ? "on" : "off"
    return relay.changesAt.map {
      "\(state), \(relay.isOn ? "off" : "on") at \(view.localTime.clock(at: $0))"
    } ?? state
  }
}
