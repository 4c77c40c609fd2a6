import Quantities

/// What a job of the owner's own does: a command that the owner named in the configuration.
///
/// It is one piece of work: it stands still while the sun is gone and goes on from there, and after
/// a power cut or a restart of the node it begins anew.
public struct CommandWork: Hashable, Sendable {
  /// 1 to 12 letters, digits, `-` and `_`.
  public var name: String
  /// How long it is expected to run in all.
  public var span: TimeSpan
  /// Where its words are found, for a person.
  public var log: String

  public init(name: String, span: TimeSpan, log: String) {
    self.name = name
    self.span = span
    self.log = log
  }

  /// How long it still runs after it has run for `ran`: at least a quarter as long again, since
  /// every such estimate is exceeded some day.
  func remaining(after ran: TimeSpan) -> TimeSpan {
    max(span - ran, ran.scaled(by: 1, over: 4), .minute)
  }
}
