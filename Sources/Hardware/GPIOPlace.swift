/// Where a GPIO line is, as a household's configuration says it.
public enum GPIOPlace: Hashable, Sendable, CustomStringConvertible {
  /// By the name that the board's device tree gives it: `GPIO17`.
  case name(String)
  /// By a chip's name or label and the line's number on it.
  case offset(chip: String, line: Int)

  public var description: String {
    switch self {
    case .name(let name): name
    case .offset(let chip, let line): "line \(line) of \(chip)"
    }
  }
}
