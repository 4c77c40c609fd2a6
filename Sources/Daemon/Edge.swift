import HeliographCore
import Links
import Planning
import Quantities
import Texting

/// Everything outside the process, as the effect loop sees it: takes an effect, returns at once.
struct Edge: Sendable {
  let devices: Devices
  let hub: LinkHub
  /// Nil on a node that runs no jobs.
  let jobs: JobDesk?
  /// Nil where nothing measures the computing side.
  let computing: ComputingSensor?
  let desk: ReplyDesk
  let queue: EventQueue
  let clock: NodeClock
  let localTime: LocalTime
  let steering: SteeringDesk

  func perform(_ effect: Effect) {
    switch effect {
    case .read(let device): devices.read(device, clock: clock, queue: queue)
    case .steer(let order): steering.perform(order)
    case .atRest: steering.rest()
    case .send(let peer, let bytes): hub.send(to: peer, bytes: bytes)
    case .reply(let message, let text): desk.answer(message, text)
    case .stageBatch(let request, let message):
      guard let jobs else {
        queue.offer(
          .batchRefused(
            reason: "this node runs no jobs: set jobs.engine in its configuration",
            replyTo: message))
        return
      }
      jobs.stage(request, replyTo: message, deadline: deadline(request.byMinuteOfDay))
    case .startJob(let job, let folder):
      guard let jobs else {
        queue.offer(.jobHeld(job, reason: "no engine is configured"))
        return
      }
      jobs.start(job, folder: folder)
    case .pauseJob(let job): jobs?.pause(job)
    case .measureComputing: computing?.measure(queue)
    case .store, .setTimer, .report: break  // The loop does these itself.
    }
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
