import Glibc

/// What went wrong with a GPIO line: one line that says what failed, where, and what to do.
public struct GPIOError: Error, Hashable, Sendable, CustomStringConvertible {
  public let description: String

  public init(_ description: String) { self.description = description }

  /// What the system said to a call on a line or chip.
  static func system(_ what: String, _ code: Int32) -> GPIOError {
    let hint: String
    switch code {
    case EACCES, EPERM: hint = ": add the user to the group that owns /dev/gpiochip*"
    case EBUSY: hint = ": another program or driver has it"
    case ENOTTY, EINVAL:
      hint = ": does this kernel speak to this libgpiod? 1.6 needs GPIO_CDEV_V1 in the kernel"
    default: hint = ""
    }
    return GPIOError("\(what): \(String(cString: strerror(code)))\(hint)")
  }
}
