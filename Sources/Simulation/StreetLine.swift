/// One line of the screen: pieces of text, each with its tint.
public struct StreetLine: Hashable, Sendable {
  public struct Piece: Hashable, Sendable {
    public let text: String
    public let tint: StreetTint
  }

  public private(set) var pieces: [Piece] = []

  public init() {}

  /// A line of one tint.
  public init(_ text: String, _ tint: StreetTint = .plain) { append(text, tint) }

  /// The columns that it takes: one for each character.
  public var width: Int { pieces.reduce(0) { $0 + $1.text.count } }

  /// The line without its tints.
  public var text: String { pieces.map(\.text).joined() }

  /// Adds `text`; control characters, which could move a terminal's cursor, become spaces.
  public mutating func append(_ text: String, _ tint: StreetTint = .plain) {
    guard !text.isEmpty else { return }
    pieces.append(Piece(text: StreetLine.printable(text), tint: tint))
  }

  /// Adds `text` in a cell of `width` columns, cut when it is longer.
  public mutating func appendLeft(_ text: String, width: Int, _ tint: StreetTint = .plain) {
    let cut = String(text.prefix(width))
    append(cut + String(repeating: " ", count: width - cut.count), tint)
  }

  /// Adds `text` at the right of a cell of `width` columns, cut when it is longer.
  public mutating func appendRight(_ text: String, width: Int, _ tint: StreetTint = .plain) {
    let cut = String(text.prefix(width))
    append(String(repeating: " ", count: width - cut.count) + cut, tint)
  }

  /// The line cut to at most `columns` columns.
  public func prefix(_ columns: Int) -> StreetLine {
    var line = StreetLine()
    var left = columns
    for piece in pieces where left > 0 {
      let text = String(piece.text.prefix(left))
      line.append(text, piece.tint)
      left -= text.count
    }
    return line
  }

  private static func printable(_ text: String) -> String {
    let isClean = text.unicodeScalars.allSatisfy { isPrintable($0) }
    guard !isClean else { return text }
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars { result.append(isPrintable(scalar) ? scalar : " ") }
    return String(result)
  }

  private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
    scalar.value >= 0x20 && !(0x7F...0x9F).contains(scalar.value)
  }
}
