import Dispatch
import HeliographCore
import Ledger
import Links
import Mesh
import Quantities
import Runners
import Sealing
import Synchronization
import Texting

/// Performs what the trade of computing wants done with files, away from the loop.
///
/// Three queues: one for what a person waits for, one for parts and jobs, and one for looking
/// through results, which may take the engine's minutes and must hold up nobody's parts.
final class WorkDesk: Sendable {
  /// When an order is tried again that the household's own disk refused, in seconds.
  static let retrySeconds = 60

  private let work: NeighbourWork
  private let queue: EventQueue
  private let send: @Sendable (PublicKey, [UInt8]) -> Void
  private let say: @Sendable (String) -> Void
  private let stagingQueue = DispatchQueue(label: "work staging")
  private let files = DispatchQueue(label: "work files")
  private let checks = DispatchQueue(label: "work checks")
  /// Parts that wait to be sent; a neighbour asks again for one that is dropped.
  private let sending = WaitingRoom(places: 64)
  /// Parts that came and wait to be kept; the trade asks again for one that is dropped.
  private let taking = WaitingRoom(places: 8)
  /// Batch files that wait to be checked and copied.
  private let staging = WaitingRoom(places: 8)
  /// When it was said last that an order waits, in ms of uptime.
  private let saidAt = Mutex<Int64?>(nil)

  init(
    _ work: NeighbourWork, queue: EventQueue,
    send: @escaping @Sendable (PublicKey, [UInt8]) -> Void,
    say: @escaping @Sendable (String) -> Void
  ) {
    self.work = work
    self.queue = queue
    self.send = send
    self.say = say
  }

  /// Makes a batch file ready for neighbours; the answer comes as an event.
  func stage(
    _ request: BatchRequest, replyTo message: TextMessage.Identifier, deadline: Instant?
  ) {
    let pay = request.pay ?? .zero
    let hasRoom = staging.async(on: stagingQueue) { [self] in
      do throws(RunnerError) {
        let staged = try work.stage(request, deadline: deadline)
        queue.offer(.workStaged(staged, payingAtMost: pay, replyTo: message))
      } catch {
        queue.offer(.batchRefused(reason: error.message, replyTo: message))
      }
    }
    guard !hasRoom else { return }
    queue.offer(
      .batchRefused(reason: "other files are being checked; try again", replyTo: message))
  }

  func perform(_ order: WorkOrder) {
    switch order {
    case .send(let contract, let parcel, let folder, let part, let peer):
      sending.async(on: files) { [self] in
        guard
          let (sealed, count) = work.part(
            part, of: parcel, contract: contract, folder: folder, to: peer)
        else { return }
        let which = WorkPart(contract: contract, parcel: parcel, number: part)
        send(peer, Frame.part(which, count: count, sealed: sealed).encoded)
      }
    case .take:
      taking.async(on: files) { [self] in carryOut(order, on: files) }
    case .check: checks.async { [self] in carryOut(order, on: checks) }
    default: files.async { [self] in carryOut(order, on: files) }
    }
  }

  private func carryOut(_ order: WorkOrder, on place: DispatchQueue) {
    do throws(RunnerError) {
      guard let outcome = try work.perform(order) else { return }
      queue.offer(.work(outcome))
    } catch {
      // A neighbour may send the same part without end: it is said once in so many seconds.
      let now = Int64(DispatchTime.now().uptimeNanoseconds / 1_000_000)
      let isNews = saidAt.withLock { saidAt in
        if let last = saidAt, now < last + Int64(Self.retrySeconds) * 1000 { return false }
        saidAt = now
        return true
      }
      if isNews { say("a neighbour's work waits: \(error.message)") }
      // A part that could not be kept is asked for again by the trade itself.
      if case .take = order { return }
      place.asyncAfter(deadline: .now() + .seconds(Self.retrySeconds)) { [self] in
        carryOut(order, on: place)
      }
    }
  }

  /// Whether a batch was staged here for neighbours.
  func holds(folder: String) -> Bool { work.holds(folder: folder) }

  func discard(folder: String) { files.async { [self] in work.discard(folder: folder) } }
}
