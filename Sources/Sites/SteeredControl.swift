import Quantities

/// What steering remembers of one control of one device.
struct SteeredControl: Hashable, Sendable {
  /// What an owner asked for and still wants, or a plan.
  struct Wish: Hashable, Sendable {
    let value: Int64
    let askedAt: Instant
    let until: Instant?
    var isPlanned = false
  }

  /// What the device is believed to hold.
  enum Hold: Hashable, Sendable {
    /// Nothing of ours: it goes its own way.
    case own
    /// This value, as it confirmed.
    case value(Int64)
    /// Something of ours, perhaps.
    case unsure
  }

  let key: SteeringKey
  /// Nil until the device was read for the first time.
  var control: DeviceControl?
  /// What gives it back, as it was before anything was set.
  var back: [RegisterWrite]?
  /// When it was seen to go its own way last.
  var ownSince = Instant.distantPast
  var wish: Wish?
  var hold = Hold.own
  /// The marker as it is stored.
  var marker: SteeringMarker?
  var budget: FlashBudget
  /// When what the device holds was sent to it last: from then on its own time-out runs.
  var sentAt: Instant?
  /// When it may have heard us last, also by an order without an answer.
  var touchedAt: Instant?
  var outstanding: SteeringOrder?
  var issuedAt: Instant?
  /// The day on which the outstanding order was counted, if it was.
  var countedOn: Int64?
  /// Nothing is written before.
  var tryAt: Instant?
  /// Orders in a row that did not go well.
  var failures = 0
  /// Why the wish rests, while it does.
  var restReason: String?
  /// Why the device is being given back.
  var endReason = ""

  init(key: SteeringKey, day: Int64) {
    self.key = key
    budget = FlashBudget(day: day)
  }

  /// What it should hold now; nil when it should go its own way.
  var wanted: Int64? { restReason == nil ? wish?.value : nil }

  /// The device's own time-out, if it has one.
  var timeout: TimeSpan? {
    guard case .timeout(let span) = control?.failSafe else { return nil }
    return span
  }

  var dailyWrites: Int? {
    guard case .flash(let writes) = control?.memory else { return nil }
    return writes
  }

  /// When the device must hear the same again: at half its time-out. Flash is never refreshed.
  var refreshAt: Instant? {
    guard let timeout, let sentAt, dailyWrites == nil, case .value = hold else { return nil }
    return sentAt + max(TimeSpan(milliseconds: timeout.milliseconds / 2), TimeSpan(seconds: 1))
  }

  /// When it has surely fallen back by itself: after twice its time-out without a word.
  var lapsesAt: Instant? {
    guard let timeout, let touchedAt, hold != .own else { return nil }
    return touchedAt + timeout + timeout
  }

  /// The clock was set back by `back`.
  mutating func shift(by back: TimeSpan) {
    sentAt = sentAt.map { $0 - back }
    touchedAt = touchedAt.map { $0 - back }
    issuedAt = issuedAt.map { $0 - back }
    tryAt = tryAt.map { $0 - back }
    wish = wish.map {
      Wish(
        value: $0.value, askedAt: $0.askedAt - back, until: $0.until.map { $0 - back },
        isPlanned: $0.isPlanned)
    }
    if ownSince > .distantPast { ownSince = ownSince - back }
  }

  /// Takes what gives it back from a new description, which may have been read while the device
  /// held something of ours: then what was known before stays, as long as it is about registers
  /// that the device is steered by: of others nobody knows any more what they do.
  mutating func takeBack(_ description: DeviceControl, at now: Instant) {
    let isOwn =
      hold == .own && outstanding == nil && now >= ownSince + Self.settlingTime
    let known = (description.write + description.release).flatMap { register in
      (0..<register.type.width).map { register.address + $0 }
    }
    let isMoved = (back ?? []).contains { write in
      write.words.indices.contains { !known.contains(write.address + $0) }
    }
    if isOwn || back == nil || isMoved { back = description.releasingWrites() }
  }

  /// A reading that arrives so soon after a release may be from before it.
  private static let settlingTime = TimeSpan(seconds: 5)

  /// How long to wait after a failure: twice as long each time, within the device's time-out at
  /// first and up to `cap` in the end.
  func backOff(cap: TimeSpan) -> TimeSpan {
    var delay = TimeSpan(seconds: 1)
    if let timeout {
      delay = max(delay, TimeSpan(milliseconds: timeout.milliseconds / 16))
    }
    for _ in 1..<max(1, failures) where delay < cap { delay = min(cap, delay + delay) }
    return delay
  }
}
