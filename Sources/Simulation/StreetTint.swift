/// How a piece of the street's screen is coloured, by meaning; a terminal and a picture choose
/// their own shades.
public enum StreetTint: Hashable, Sendable, CaseIterable {
  case plain
  /// Frames, headings, and what is unknown.
  case faint
  case strong
  /// What the sun gives.
  case sun
  /// Surplus used, energy sold, credit earned.
  case good
  /// What is lost, failed or owed.
  case bad
  /// Running jobs.
  case work

  /// The SGR parameter of ECMA-48 §8.3.117; nil for the terminal's own colour.
  var graphicRendition: String? {
    switch self {
    case .plain: nil
    case .faint: "2"
    case .strong: "1"
    case .sun: "33"
    case .good: "32"
    case .bad: "31"
    case .work: "36"
    }
  }

  /// The colour in a picture on a dark ground.
  var hexadecimalColour: String {
    switch self {
    case .plain: "#d0d4d8"
    case .faint: "#7d8590"
    case .strong: "#ffffff"
    case .sun: "#f2c14e"
    case .good: "#7ccf7c"
    case .bad: "#ef7d6d"
    case .work: "#6cc3e0"
    }
  }
}
