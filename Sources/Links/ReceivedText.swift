/// One text message out of the spool, its parts joined.
public struct ReceivedText: Hashable, Sendable {
  /// The sender as the network gave it; it can be forged.
  public let sender: String
  public let text: String
  /// As in the file's name: "20261123_042655".
  public let receivedAt: String

  public init(sender: String, text: String, receivedAt: String) {
    self.sender = sender
    self.text = text
    self.receivedAt = receivedAt
  }
}
