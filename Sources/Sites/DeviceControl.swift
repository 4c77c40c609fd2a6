import Quantities

/// How one thing of a device is steered, and what brings it back when nobody steers any more.
///
/// A process that was killed writes nothing, so a control without a time-out of its own needs an
/// independent guardian, and its profile says which.
public struct DeviceControl: Hashable, Sendable {
  /// What returns the device to its safe state when the agent is gone.
  public enum FailSafe: Hashable, Sendable {
    /// The device itself, this long after the last write.
    case timeout(TimeSpan)
    /// A process apart from the agent: `heliographd --safe-state`.
    case guardian
  }

  /// Where the device keeps what is written.
  public enum Memory: Hashable, Sendable {
    /// In working memory: may be refreshed as often as needed.
    case volatile
    /// In flash, which wears: at most so many writes a day, and never the value that it holds.
    case flash(dailyWrites: Int)
  }

  public let control: Control
  public let failSafe: FailSafe
  public let memory: Memory
  /// What may be asked for, in smallest units (mW, ‰).
  public let range: ClosedRange<Int64>
  /// The registers that set a value, in the order in which they are written.
  public let write: [ControlRegister]
  /// The registers that give the device back to itself: the safe state.
  public let release: [ControlRegister]

  public init(
    control: Control, failSafe: FailSafe, memory: Memory, range: ClosedRange<Int64>,
    write: [ControlRegister], release: [ControlRegister]
  ) {
    self.control = control
    self.failSafe = failSafe
    self.memory = memory
    self.range = range
    self.write = write
    self.release = release
  }
}
