import Dispatch
import Hardware
import HeliographCore
import Quantities
import Sites
import Synchronization

/// Carries out what the station wants written to devices: one order of a device after the other.
final class SteeringDesk: Sendable {
  private let devices: Devices
  private let clock: NodeClock
  private let queue: EventQueue
  /// The last order of each device; the next one waits for it.
  private let tails = Mutex<[DeviceName: Task<Void, Never>]>([:])
  private let bell = DispatchSemaphore(value: 0)

  init(devices: Devices, clock: NodeClock, queue: EventQueue) {
    self.devices = devices
    self.clock = clock
    self.queue = queue
  }

  /// Writes to the device; exactly one outcome comes back through the queue.
  func perform(_ order: SteeringOrder) {
    tails.withLock { tails in
      let before = tails[order.key.device]
      tails[order.key.device] = Task { [self] in
        await before?.value
        let result = await result(of: order)
        await queue.deliver(.steered(SteeringOutcome(order: order, result: result)))
      }
    }
  }

  private func result(of order: SteeringOrder) async -> SteeringResult {
    guard let session = devices.session(order.key.device) else {
      return .notWritten(reason: "it is not configured")
    }
    // An accelerated clock ages an order faster than the disk does.
    let grace = TimeSpan(
      milliseconds: Steering.orderLife.milliseconds * (clock.speed - 1))
    // Before it was made: the clock was set back, which says nothing of how long it waited.
    let earliest =
      order.purpose == .release
      ? .distantPast : order.expires - Steering.orderLife - TimeSpan.minute
    return await session.perform(order) { [clock] in
      let now = clock.now()
      return now > order.expires + grace || now < earliest
    }
  }

  /// Every device goes its own way, or could not be brought to.
  func rest() { bell.signal() }

  /// Waits until it does, at most for `span` of real time; whether it did.
  func waitForRest(_ span: TimeSpan) -> Bool {
    bell.wait(timeout: .now() + .milliseconds(Int(span.milliseconds))) == .success
  }
}
