/// Writes lines for a terminal.
public enum StreetTerminal {
  /// A whole screen drawn over the last one: cursor home, each line cleared to its end, then
  /// everything below cleared.
  ///
  /// Nothing else moves the cursor, so it looks right on any VT100 and over a serial line, where
  /// clearing the whole screen first would flicker.
  public static func frame(_ lines: [StreetLine], inColour: Bool) -> String {
    var output = "\u{1B}[H"
    for line in lines { output += text(line, inColour: inColour) + "\u{1B}[K\r\n" }
    return output + "\u{1B}[J"
  }

  /// One line with its colours, or with none.
  public static func text(_ line: StreetLine, inColour: Bool) -> String {
    guard inColour else { return trimmed(line.text) }
    var output = ""
    for piece in line.pieces {
      if let rendition = piece.tint.graphicRendition {
        output += "\u{1B}[\(rendition)m\(piece.text)\u{1B}[0m"
      } else {
        output += piece.text
      }
    }
    return output
  }

  private static func trimmed(_ text: String) -> String {
    String(text.reversed().drop { $0 == " " }.reversed())
  }
}
