import HeliographCore

/// What the screen knows of one house.
public struct StreetHouse: Sendable {
  public var name: String
  /// What its node last said; nil while it does not answer, so that nothing old looks current.
  public var snapshot: Snapshot?
  /// What is wrong with the node, in a few words; empty when nothing is.
  public var trouble: String

  public init(name: String, snapshot: Snapshot? = nil, trouble: String = "") {
    self.name = name
    self.snapshot = snapshot
    self.trouble = trouble
  }
}
