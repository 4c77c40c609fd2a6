import Planning
import Quantities
import Synchronization

/// What the node and the Slurm runner's thread leave for each other.
final class SlurmDesk: Sendable {
  enum Wish: Hashable, Sendable {
    case prepare(folder: String, power: Power)
    case start(folder: String)
    case pause
    case cancel
    case close(folder: String, JobEnding)
  }

  /// Of so many jobs the account is remembered.
  static let mostAccounts = 256

  private struct Content {
    /// In the order in which they came: a cancelled job may be started again, not the reverse.
    var wishes: [(job: JobNumber, wish: Wish)] = []
    var accounts: [JobNumber: SlurmAccount] = [:]
    var isStopping = false
  }

  private let content = Mutex(Content())

  /// The last wish for a job counts, but for what a job is prepared with.
  func put(_ wish: Wish, for job: JobNumber) {
    content.withLock { content in
      content.wishes.removeAll { earlier in
        guard earlier.job == job else { return false }
        if case .prepare = earlier.wish, case .start = wish { return false }
        return true
      }
      content.wishes.append((job, wish))
    }
  }

  /// Asks for the end; true the first time.
  func stop() -> Bool {
    content.withLock { content in
      defer { content.isStopping = true }
      return !content.isStopping
    }
  }

  var isStopping: Bool { content.withLock { $0.isStopping } }

  /// Takes the wishes out; nil once the end was asked for.
  func take() -> [(job: JobNumber, wish: Wish)]? {
    content.withLock { content in
      guard !content.isStopping else { return nil }
      defer { content.wishes.removeAll() }
      return content.wishes
    }
  }

  func publish(_ accounts: [(job: JobNumber, account: SlurmAccount)]) {
    content.withLock { content in
      for (job, account) in accounts { content.accounts[job] = account }
      guard content.accounts.count > Self.mostAccounts else { return }
      for job in content.accounts.keys.sorted().prefix(content.accounts.count - Self.mostAccounts) {
        content.accounts[job] = nil
      }
    }
  }

  func account(of job: JobNumber) -> SlurmAccount? { content.withLock { $0.accounts[job] } }
}
