import Sites

/// The GPIO lines that a node uses, and what for.
public struct GPIOPlan: Hashable, Sendable {
  /// One line.
  public struct Line: Hashable, Sendable {
    public let place: GPIOPlace
    /// Whether the line is active when its voltage is low.
    public let isActiveLow: Bool

    public init(place: GPIOPlace, isActiveLow: Bool) {
      self.place = place
      self.isActiveLow = isActiveLow
    }
  }

  /// An input's resistor inside the chip, where the chip has one.
  public enum Pull: String, Hashable, Sendable, CaseIterable {
    case none, up, down
  }

  /// One line that pulses come in on.
  public struct Meter: Hashable, Sendable {
    public let name: DeviceName
    public let line: Line
    public let pull: Pull
    public let shape: PulseShape

    public init(name: DeviceName, line: Line, pull: Pull, shape: PulseShape) {
      self.name = name
      self.line = line
      self.pull = pull
      self.shape = shape
    }
  }

  /// A relay's line, under the relay's name.
  public struct Relay: Hashable, Sendable {
    public let name: String
    public let line: Line

    public init(name: String, line: Line) {
      self.name = name
      self.line = line
    }
  }

  public var relays: [Relay] = []
  public var meters: [Meter] = []
  public var button: Line?
  public var light: Line?

  public init() {}

  /// Whether no line is used at all.
  public var isEmpty: Bool {
    relays.isEmpty && meters.isEmpty && button == nil && light == nil
  }

  /// All lines, each with what it is for.
  var lines: [(use: String, line: Line)] {
    relays.map { ("relay \($0.name)", $0.line) }
      + meters.map { ("pulse meter \($0.name)", $0.line) }
      + [("button", button), ("light", light)].compactMap { use, line in
        line.map { (use, $0) }
      }
  }
}
