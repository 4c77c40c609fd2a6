import Planning
import Quantities

/// A command of the owner's that may be run as a job: named in the configuration, never in a text
/// message or by a neighbour.
public struct OwnerCommand: Hashable, Sendable {
  /// 1 to 12 letters, digits, `-` and `_`.
  public var name: String
  /// What the machine is expected to draw while it runs.
  public var power: Power
  /// How long it is expected to run.
  public var span: TimeSpan
  /// A unit, which is sandboxed; or a child with this program's own rights, for trying out by hand.
  public var kind: EngineProcess.Kind

  public init(name: String, power: Power, span: TimeSpan, kind: EngineProcess.Kind) {
    self.name = name
    self.power = power
    self.span = span
    self.kind = kind
  }

  /// The unit of the package's template that runs it.
  public static func unit(of name: String) -> String { "heliograph-job@\(name).service" }
}
