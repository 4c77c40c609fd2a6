import HeliographCore

/// Draws a screen as an SVG picture of a terminal, for a page that can't run one.
public enum StreetPicture {
  private static let cellWidth = 8.4
  private static let lineHeight = 18
  private static let margin = 16
  private static let titleHeight = 30

  /// One SVG 1.1 document: a dark ground, a monospaced text element for each line, its tints kept.
  ///
  /// Each piece states its own width (`textLength`), so the columns stay in line whatever
  /// monospaced font the reader's machine has.
  public static func document(of lines: [StreetLine], title: String) -> String {
    let columns = max(lines.map(\.width).max() ?? 0, 80)
    let width = Int((Double(columns) * cellWidth).rounded(.up)) + 2 * margin
    let height = titleHeight + lines.count * lineHeight + 2 * margin
    var output = """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(width) \(height)" \
      width="\(width)" height="\(height)" role="img">
      <title>\(SVGText.escaped(title))</title>
      <rect width="\(width)" height="\(height)" rx="8" fill="#14181d"/>
      <circle cx="20" cy="18" r="5" fill="#ef7d6d"/>
      <circle cx="37" cy="18" r="5" fill="#f2c14e"/>
      <circle cx="54" cy="18" r="5" fill="#7ccf7c"/>
      <g font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="14" \
      xml:space="preserve">

      """
    for (index, line) in lines.enumerated() {
      output += row(line, baseline: titleHeight + margin + index * lineHeight + 12)
    }
    return output + "</g>\n</svg>\n"
  }

  private static func row(_ line: StreetLine, baseline: Int) -> String {
    var output = ""
    var column = 0
    for piece in line.pieces {
      // Blanks are left out rather than drawn: not every viewer keeps them.
      let leading = piece.text.prefix { $0 == " " }.count
      let kept = piece.text.dropFirst(leading).reversed().drop { $0 == " " }.reversed()
      if !kept.isEmpty {
        let x = tenths(Double(margin) + Double(column + leading) * cellWidth)
        let length = tenths(Double(kept.count) * cellWidth)
        let weight = piece.tint == .strong ? " font-weight=\"bold\"" : ""
        output +=
          "<text x=\"\(x)\" y=\"\(baseline)\" textLength=\"\(length)\""
          + " fill=\"\(piece.tint.hexadecimalColour)\"\(weight)>"
          + SVGText.escaped(String(kept)) + "</text>\n"
      }
      column += piece.text.count
    }
    return output
  }

  private static func tenths(_ value: Double) -> String {
    let scaled = Int((value * 10).rounded())
    return "\(scaled / 10).\(scaled % 10)"
  }
}
