import Hardware
import HeliographCore
import Links
import Planning
import Quantities
import Sites
import Texting

/// Everything outside the process, as the effect loop sees it: takes an effect, returns at once.
struct Edge: Sendable {
  let devices: Devices
  let hub: LinkHub
  /// Nil on a node that runs no jobs.
  let jobs: JobDesk?
  /// Nil where the household names no models.
  let work: WorkDesk?
  /// Nil where the engine is started elsewhere.
  let engine: EngineControl?
  /// Nil where nothing measures the computing side.
  let computing: ComputingSensor?
  /// Nil on a node without GPIO lines.
  let gpio: GPIOLines?
  let desk: ReplyDesk
  let queue: EventQueue
  let clock: NodeClock
  let localTime: LocalTime
  let steering: SteeringDesk

  func perform(_ effect: Effect) {
    switch effect {
    case .read(let device):
      if let gpio, gpio.counts(device) {
        count(device, gpio)
      } else {
        devices.read(device, clock: clock, queue: queue)
      }
    case .turnRelay(let name, let on, let at): turn(name, on, at)
    case .showLight(let light): gpio?.show(light)
    case .steer(let order): steering.perform(order)
    case .atRest: steering.rest()
    case .send(let peer, let bytes): hub.send(to: peer, bytes: bytes)
    case .reply(let message, let text): desk.answer(message, text)
    case .stageBatch(let request, let message):
      guard let jobs else {
        queue.offer(
          .batchRefused(
            reason: "this node runs no jobs: set jobs.engine or jobs.commands in its configuration",
            replyTo: message))
        return
      }
      jobs.stage(request, replyTo: message, deadline: deadline(request.byMinuteOfDay))
    case .stageWork(let request, let message):
      guard let work else {
        queue.offer(
          .batchRefused(
            reason: "no model has a digest: set market.computing.models in the configuration",
            replyTo: message))
        return
      }
      work.stage(request, replyTo: message, deadline: deadline(request.byMinuteOfDay))
    case .work(let order): work?.perform(order)
    case .prepareJob(let job, let folder, let power):
      jobs?.prepare(job, folder: folder, power: power)
    case .startJob(let job, let folder):
      guard let jobs else {
        queue.offer(.jobHeld(job, reason: "no jobs are configured"))
        return
      }
      jobs.start(job, folder: folder)
    case .pauseJob(let job, let kind): jobs?.pause(job, kind)
    case .closeJob(let job, let folder, let ending):
      guard let jobs else {
        queue.offer(.jobHeld(job, reason: "no jobs are configured"))
        return
      }
      jobs.close(job, folder: folder, ending)
    case .discardBatch(let folder):
      if let work, work.holds(folder: folder) {
        work.discard(folder: folder)
      } else {
        jobs?.discard(folder: folder)
      }
    case .controlEngine(.unload): jobs?.unload()
    case .controlEngine(let order): engine?.perform(order)
    case .measureComputing: computing?.measure(queue)
    case .store, .setTimer, .report, .sendRecords, .fold: break  // The loop does these itself.
    }
  }

  /// The longest that an order to switch a relay on may have waited, for the store above all.
  private static let orderPatience = TimeSpan(seconds: 10)

  private func turn(_ name: String, _ on: Bool, _ at: Instant) {
    let patience = Self.orderPatience.scaled(by: clock.speed, over: 1)
    // A clock that was set back says nothing of how long it waited.
    if on, clock.now().since(at).magnitude > patience {
      queue.offer(.relayFailed(name, reason: "the order to switch it on came too late"))
    } else {
      gpio?.turn(name, on: on)
    }
  }

  private func count(_ meter: DeviceName, _ gpio: GPIOLines) {
    switch gpio.snapshot(meter) {
    case .success(let snapshot): queue.offer(.pulses(snapshot))
    case .failure(let fault): queue.offer(.readingFailed(device: meter, fault: fault))
    }
  }

  /// Tells the station the latest counts of all pulse meters, before it stops.
  func countLast() {
    guard let gpio else { return }
    for meter in gpio.meters { count(meter, gpio) }
  }

  /// The next time that the household's clock shows this minute of the day.
  private func deadline(_ minuteOfDay: Int64?) -> Instant? {
    guard let minuteOfDay else { return nil }
    let now = clock.now()
    let length = TimeSpan.minute.milliseconds
    let sinceMinute = (now.millisecondsSince1970 % length + length) % length
    let wait = (minuteOfDay - localTime.minuteOfDay(at: now) + 1440 - 1) % 1440 + 1
    return now - TimeSpan(milliseconds: sinceMinute) + TimeSpan(minutes: wait)
  }
}
