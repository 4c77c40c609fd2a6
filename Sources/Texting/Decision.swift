import Quantities

/// A decision that the node took, with its reason: what `WHY` shows.
public struct Decision: Hashable, Sendable, Codable {
  public enum Topic: String, Hashable, Sendable, Codable, CaseIterable {
    case device, surplus, relay, job, market, ledger, mesh, text, storage
  }

  /// Counts up within a node's life; no two share one.
  public let serial: Int64
  public let at: Instant
  public let topic: Topic
  /// What and why in one line of at most 120 characters: "job 2 starts: 640 W spare…".
  public let text: String

  public init(serial: Int64, at: Instant, topic: Topic, text: String) {
    self.serial = serial
    self.at = at
    self.topic = topic
    self.text = text
  }
}
