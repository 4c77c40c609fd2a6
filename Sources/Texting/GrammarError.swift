/// A line that is no command, with what was expected and an example; fits one text message.
public struct GrammarError: Error, Hashable, Sendable {
  /// In words for a person, without a leading "Error".
  public let text: String

  public init(_ text: String) { self.text = text }
}
