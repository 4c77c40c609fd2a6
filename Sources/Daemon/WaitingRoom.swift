import Dispatch
import Synchronization

/// Places in front of a queue: what finds none is dropped, by who can have it asked for again.
final class WaitingRoom: Sendable {
  private let places: Int
  private let taken = Mutex(0)

  /// - Parameter places: what may wait or run at once.
  init(places: Int) { self.places = places }

  /// Runs `work` on `queue` when its turn comes; false where all places are taken.
  @discardableResult
  func async(on queue: DispatchQueue, _ work: @escaping @Sendable () -> Void) -> Bool {
    let hasRoom = taken.withLock { taken in
      guard taken < places else { return false }
      taken += 1
      return true
    }
    guard hasRoom else { return false }
    queue.async { [self] in
      defer { taken.withLock { $0 -= 1 } }
      work()
    }
    return true
  }
}
