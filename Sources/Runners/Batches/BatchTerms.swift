import Quantities

/// What a program that hands a batch in has settled beyond what a person would type.
public struct BatchTerms: Hashable, Sendable {
  /// By when it should be done; nil where it does not matter.
  public var deadline: Instant?
  /// Whether what is left at the deadline is not done any more.
  public var expires: Bool
  /// The folder below the jobs folder that it is copied into; nil takes a new one named after the
  /// file. One that is named beforehand is found again after a crash.
  public var folder: String?
  /// The one address that every line must have, such as `/v1/chat/completions`; nil takes any.
  public var endpoint: String?
  /// What its client calls the file, which may lie under another name; nil takes the file's own.
  public var name: String?

  public init(
    deadline: Instant? = nil, expires: Bool = false, folder: String? = nil,
    endpoint: String? = nil, name: String? = nil
  ) {
    self.deadline = deadline
    self.expires = expires
    self.folder = folder
    self.endpoint = endpoint
    self.name = name
  }
}
