import HeliographCore
import Quantities
import Texting

/// Something that happened in the street, with its reason.
public struct StreetEvent: Hashable, Sendable {
  /// The house's name, or "street" for what happened to the street itself.
  public let house: String
  public let at: Instant
  public let text: String
  /// What a node decided it about; nil for what an owner or the street did.
  public let topic: Decision.Topic?

  public init(house: String, at: Instant, text: String, topic: Decision.Topic? = nil) {
    self.house = house
    self.at = at
    self.text = text
    self.topic = topic
  }

  /// "13:05 amber   job 2 starts: 640 W spare until about 15:10".
  public func line(local: LocalTime) -> StreetLine {
    var line = StreetLine(local.clock(at: at) + " ", .faint)
    line.appendLeft(house, width: StreetEvent.houseWidth, .strong)
    line.append(" ")
    line.append(text, tint)
    return line
  }

  /// The columns that a house's name takes.
  static let houseWidth = 7
  /// The columns before the text.
  static let indent = 6 + houseWidth + 1

  var tint: StreetTint {
    switch topic {
    case .job: .work
    case .market, .ledger: .good
    case .device, .storage: .bad
    case .surplus, .relay: .sun
    case .mesh, .text: .faint
    case nil: .plain
    }
  }
}
