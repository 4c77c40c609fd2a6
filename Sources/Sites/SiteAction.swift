import Quantities

/// What a site wants done.
public enum SiteAction: Hashable, Sendable {
  /// Ask the device for a reading; answered by `reading` or `failed`.
  case read(DeviceName)
  /// Call `timer` for this device at this time; a later wake of the same device replaces it.
  case wake(DeviceName, at: Instant)
  /// One line for the journal and the screen.
  case say(String)
  /// Keep this value durably; handed to `restore` at the next start.
  case save(key: String, value: [UInt8])
}
