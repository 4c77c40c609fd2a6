/// Pieces of an SVG document, written so that the same picture is the same bytes.
public enum SVGText {
  /// `text` as it may stand between tags and in attributes; control characters are left out.
  public static func escaped(_ text: String) -> String {
    var output = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": output += "&amp;"
      case "<": output += "&lt;"
      case ">": output += "&gt;"
      case "\"": output += "&quot;"
      default:
        if scalar.value >= 0x20, scalar.value != 0x7F { output.unicodeScalars.append(scalar) }
      }
    }
    return output
  }

  /// A length given in tenths of a pixel: 125 is "12.5", 120 is "12".
  public static func tenths(_ value: Int) -> String {
    let sign = value < 0 ? "-" : ""
    let magnitude = abs(value)
    let fraction = magnitude % 10
    return fraction == 0 ? "\(sign)\(magnitude / 10)" : "\(sign)\(magnitude / 10).\(fraction)"
  }

  /// A filled box; `more` holds further attributes.
  static func box(
    x: Int, y: Int, width: Int, height: Int, fill: String, more: String = ""
  ) -> String {
    "<rect x=\"\(tenths(x))\" y=\"\(tenths(y))\" width=\"\(tenths(width))\""
      + " height=\"\(tenths(height))\" fill=\"\(fill)\"\(more)/>\n"
  }

  static func line(
    x1: Int, y1: Int, x2: Int, y2: Int, stroke: String, more: String = ""
  ) -> String {
    "<line x1=\"\(tenths(x1))\" y1=\"\(tenths(y1))\" x2=\"\(tenths(x2))\" y2=\"\(tenths(y2))\""
      + " stroke=\"\(stroke)\"\(more)/>\n"
  }

  /// `anchor` is start, middle or end.
  static func words(
    _ text: String, x: Int, y: Int, fill: String, anchor: String = "start", more: String = ""
  ) -> String {
    "<text x=\"\(tenths(x))\" y=\"\(tenths(y))\" fill=\"\(fill)\""
      + (anchor == "start" ? "" : " text-anchor=\"\(anchor)\"") + "\(more)>"
      + escaped(text) + "</text>\n"
  }

  /// A line of one colour without a fill, or a filled shape.
  static func path(_ data: String, fill: String, more: String = "") -> String {
    data.isEmpty ? "" : "<path d=\"\(data)\" fill=\"\(fill)\"\(more)/>\n"
  }
}
