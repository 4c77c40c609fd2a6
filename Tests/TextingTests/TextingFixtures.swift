import Planning
import Quantities
import Sites
import Texting

/// Whether it goes out as one text message without a change.
func isOneMessage(_ reply: String) -> Bool {
  guard let septets = SMSAlphabet.septets(of: reply) else { return false }
  return (1...160).contains(septets)
}

/// A small generator, the same numbers on every machine.
struct SplitMix {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    return value ^ (value >> 31)
  }
}

/// 15:10 UTC on a summer's day.
let afternoon = Instant(millisecondsSince1970: 1_782_054_600_000)

/// Nothing known at all.
func emptyView() -> HouseholdView {
  HouseholdView(name: "acacia", at: afternoon, localTime: .utc)
}

/// An ordinary afternoon.
func ordinaryView() -> HouseholdView {
  var view = emptyView()
  view.pvPower = Power(watts: 2450)
  view.loadPower = Power(watts: 380)
  view.batteryPower = Power(watts: 1200)
  view.gridPower = Power(watts: -640)
  view.stateOfCharge = StateOfCharge(percent: 82)
  view.surplus = Power(watts: 640)
  view.jobs = [
    HouseholdView.Job(
      number: JobNumber(1), name: "books", state: .done, requests: 12, completed: 12, failed: 0,
      power: Power(watts: 60)),
    HouseholdView.Job(
      number: JobNumber(2), name: "photos", state: .running, requests: 120, completed: 40,
      failed: 1, power: Power(watts: 60), deadline: afternoon + .hour, note: "640 W spare"),
  ]
  view.trades = [
    HouseholdView.Trade(
      neighbour: "mara", direction: .sold, energy: Energy(wattHours: 150),
      amount: Credits(millicredits: 1800), slotStart: afternoon - .hour, status: "settled")
  ]
  view.neighbours = [
    HouseholdView.Neighbour(
      name: "baobab", balance: Credits(millicredits: -250), limit: nil, isLinked: false,
      lastSeen: afternoon - .hour),
    HouseholdView.Neighbour(
      name: "mara", balance: Credits(millicredits: 1800), limit: Credits(credits: 5),
      isLinked: true, lastSeen: afternoon),
  ]
  view.decisions = [
    Decision(
      serial: 2, at: afternoon - .minute, topic: .job,
      text: "job 2 starts: 640 W spare until about 15:40"),
    Decision(serial: 1, at: afternoon - .hour, topic: .surplus, text: "640 W are spare"),
  ]
  return view
}

/// The longest of everything, in characters that text messages don't know.
func extremeView() -> HouseholdView {
  let limit = magnitudeLimit
  var view = HouseholdView(name: String(repeating: "家", count: 80), at: afternoon, localTime: .utc)
  view.pvPower = Power(rawValue: limit)
  view.loadPower = Power(rawValue: limit)
  view.batteryPower = Power(rawValue: -limit)
  view.gridPower = Power(rawValue: -limit)
  view.stateOfCharge = .full
  view.reserve = .full
  view.surplus = Power(rawValue: limit)
  view.isTimeUnsure = true
  view.engine = String(repeating: "€", count: 200)
  let states: [HouseholdView.Job.State] = [
    .running, .waiting, .held, .done, .failed, .draining, .ending, .cancelled, .expired,
  ]
  for number in 1...200 {
    var job = HouseholdView.Job(
      number: JobNumber(999_799 + Int64(number)), name: String(repeating: "ŵ€", count: 40),
      state: states[number % states.count], requests: Int.max, completed: Int.max,
      failed: Int.max, power: Power(rawValue: limit), deadline: .distantFuture,
      note: String(repeating: "because [of] that ", count: 20),
      folder: String(repeating: "ŵ", count: 80))
    job.estimatedEnd = .distantFuture
    job.requestsPerKilosecond = 1_000_000_000
    job.energy = Energy(rawValue: limit)
    job.surplus = Energy(rawValue: limit)
    job.tokens = .max
    job.cost = Credits(rawValue: limit)
    view.jobs.append(job)
  }
  for _ in 0..<300 {
    view.trades.append(
      HouseholdView.Trade(
        neighbour: String(repeating: "{", count: 60), direction: .bought,
        energy: Energy(rawValue: -limit), amount: Credits(rawValue: -limit),
        slotStart: .distantPast, status: "disputed"))
    view.neighbours.append(
      HouseholdView.Neighbour(
        name: String(repeating: "^", count: 60), balance: Credits(rawValue: limit),
        limit: Credits(rawValue: limit), isLinked: false, lastSeen: .distantPast))
    view.decisions.append(
      Decision(
        serial: .max, at: .distantPast, topic: .device, text: String(repeating: "|é ", count: 99)))
  }
  view.steered = Control.allCases.map { control in
    SteeringState(
      device: String(repeating: "€", count: 60), control: control, value: -limit,
      until: .distantFuture, failSafe: .timeout(TimeSpan(rawValue: limit)))
  }
  view.lostDevices = (1...9).map { _ in
    .init(name: String(repeating: "~", count: 60), since: .distantPast)
  }
  view.isCurtailed = true
  view.asleepDevices = view.lostDevices
  view.day.surplusUsedByJobs = Energy(rawValue: limit)
  view.day.requestsCompleted = .max
  view.day.requestsFailed = .max
  view.day.timesPaused = .max
  view.day.energySold = Energy(rawValue: limit)
  view.day.energyBought = Energy(rawValue: limit)
  view.day.creditsEarned = Credits(rawValue: limit)
  view.day.creditsSpent = Credits(rawValue: limit)
  view.day.exported = Energy(rawValue: limit)
  view.day.imported = Energy(rawValue: limit)
  return view
}
