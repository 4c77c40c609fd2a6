import Quantities
import Sites
import Testing
import Texting

@Suite("Replies about steering")
struct SteeringReplyTests {
  static func state(
    _ control: Control, _ value: Int64, until: Instant? = afternoon + .hour,
    _ failSafe: DeviceControl.FailSafe = .timeout(.minute)
  ) -> SteeringState {
    SteeringState(
      device: "inverter", control: control, value: value, until: until, failSafe: failSafe)
  }

  @Test(
    "says what was done, until when, and what brings it back",
    arguments: [
      (
        SteeringAnswer.done(state(.batteryPower, 1_500_000)),
        "inverter: charge 1500 W until 16:10. AUTO ends it. "
          + "If this node dies, it falls back by itself within 60 s."
      ),
      (
        .done(state(.batteryPower, -1_000_000, .guardian)),
        "inverter: discharge 1000 W until 16:10. AUTO ends it. "
          + "If this node dies, the guardian gives it back."
      ),
      (
        .done(state(.exportLimit, 3_000_000, until: nil)),
        "inverter: export at most 3000 W until you type AUTO. "
          + "If this node dies, it falls back by itself within 60 s."
      ),
      (.released, "Every device goes its own way. STATUS shows the house."),
      (
        .failed(reason: "inverter is not steered: exception 3"),
        "Error: inverter is not steered: exception 3."
      ),
    ])
  func words(answer: SteeringAnswer, expected: String) {
    #expect(TextReply.steering(answer, localTime: .utc) == expected)
  }

  @Test("fits one text message whatever the device is called")
  func fits() {
    let limit = magnitudeLimit
    for control in Control.allCases {
      for value in [-limit, 0, limit] {
        let state = SteeringState(
          device: String(repeating: "€", count: 60), control: control, value: value,
          until: .distantFuture, failSafe: .timeout(TimeSpan(rawValue: limit)))
        #expect(isOneMessage(TextReply.steering(.done(state), localTime: .utc)))
      }
    }
    let reason = String(repeating: "exception 3 ‘illegal’ ", count: 30)
    #expect(isOneMessage(TextReply.steering(.failed(reason: reason), localTime: .utc)))
    #expect(isOneMessage(TextReply.steering(.pending, localTime: .utc)))
  }

  @Test("STATUS says what is steered, and RESERVE which device keeps it")
  func view() {
    var view = ordinaryView()
    view.steered = [Self.state(.batteryPower, 1_500_000), Self.state(.reserve, 400, until: nil)]
    let status = TextReply.reply(to: .status, view: view)
    #expect(status.hasSuffix("charge 1500 W until 16:10: AUTO ends."))
    #expect(isOneMessage(status))
    view.steered = [
      SteeringState(
        device: "inverter", control: .batteryPower, value: 1_500_000, until: nil,
        failSafe: .guardian, isHeld: false)
    ]
    #expect(TextReply.reply(to: .status, view: view).hasSuffix("charge 1500 W rests: AUTO ends."))
    view.steered.append(Self.state(.reserve, 400, until: nil))
    let reserve = TextReply.reply(to: .reserve(StateOfCharge(percent: 40)), view: view)
    #expect(
      reserve == "The battery keeps 40% for the house, it has 82% now. inverter is told. "
        + "STATUS shows it.")
  }
}
