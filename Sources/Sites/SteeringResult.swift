/// How the writes of one order went.
public enum SteeringResult: Hashable, Sendable {
  /// Written, and it reads back so wherever it can be read.
  case written
  /// The device held all of it already: nothing was written.
  case held
  /// Surely nothing was written: no connection, or the order came too late.
  case notWritten(reason: String)
  /// No answer: some of it, all of it or nothing may have been written.
  case uncertain(reason: String)
  /// The device said no, or it reads back otherwise; some of it may have been written.
  case refused(reason: String)
}
