/// Something about a site that one or more devices are the source of.
///
/// A device may offer more than it is asked for: an inverter's own idea of the grid is left aside
/// where a meter is the source. The raw values are the words of the configuration.
public enum SiteQuantity: String, Hashable, Sendable, Codable, CaseIterable {
  case pv
  case load
  case grid
  case battery
  case stateOfCharge
  /// The cumulative import and export registers.
  case totals
}
