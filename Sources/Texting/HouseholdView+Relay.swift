import Quantities

extension HouseholdView {
  /// One relay as a person sees it.
  public struct Relay: Hashable, Sendable {
    public var name: String
    /// What decides: the configuration's word.
    public var mode: String
    public var isOn: Bool
    /// Whether on means that its load is cut off.
    public var isShedding: Bool
    /// Whether its line could not be switched.
    public var hasTrouble: Bool
    /// When it may become what it is to be, if it waits for that.
    public var changesAt: Instant?

    public init(
      name: String, mode: String, isOn: Bool, isShedding: Bool = false, hasTrouble: Bool = false,
      changesAt: Instant? = nil
    ) {
      self.name = name
      self.mode = mode
      self.isOn = isOn
      self.isShedding = isShedding
      self.hasTrouble = hasTrouble
      self.changesAt = changesAt
    }
  }
}
