/// The default alphabet of text messages (GSM 03.38, now 3GPP TS 23.038 §6.2.1).
///
/// A message that keeps to it holds 160 characters; one character outside turns the whole message
/// into UCS-2 with 70. So every reply is brought into this alphabet before it leaves.
public enum SMSAlphabet {
  /// What one message holds.
  public static let messageSeptets = 160

  private static let single: Set<Unicode.Scalar> = Set(
    ("@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
      + "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà").unicodeScalars)

  /// Reached through the escape septet, so each takes two.
  private static let double: Set<Unicode.Scalar> = Set("{}[]~\\|^€".unicodeScalars)

  /// Readable ASCII for characters that people and file names use and the alphabet lacks.
  private static let replacements: [Unicode.Scalar: String] = {
    let groups: [(String, String)] = [
      ("áâãā", "a"), ("ÀÁÂÃĀ", "A"), ("ç", "c"), ("êëēėę", "e"), ("ÈÊËĒĘ", "E"), ("íîïī", "i"),
      ("ÌÍÎÏĪ", "I"), ("óôõō", "o"), ("ÒÓÔÕŌ", "O"), ("úûū", "u"), ("ÙÚÛŪ", "U"), ("ýÿ", "y"),
      ("š", "s"), ("Š", "S"), ("ž", "z"), ("Ž", "Z"), ("č", "c"), ("Č", "C"), ("ł", "l"),
      ("‘’‚`´", "'"), ("“”„«»", "\""), ("‐‑‒–—−", "-"), ("…", "..."), ("\u{A0}\u{202F}\t", " "),
      ("×", "x"), ("·•", "*"), ("→", "->"), ("≤", "<="), ("≥", ">="), ("°", "deg"),
    ]
    var table: [Unicode.Scalar: String] = [:]
    for (characters, replacement) in groups {
      for scalar in characters.unicodeScalars { table[scalar] = replacement }
    }
    return table
  }()

  /// How many septets `text` takes; nil when it holds a character outside the alphabet.
  public static func septets(of text: String) -> Int? {
    var count = 0
    for scalar in text.unicodeScalars {
      guard let width = width(of: scalar) else { return nil }
      count += width
    }
    return count
  }

  /// `text` with every character outside the alphabet replaced by ASCII, "?" if nothing is near.
  public static func spelled(_ text: String) -> String {
    var result = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      if width(of: scalar) != nil {
        result.append(scalar)
      } else if let replacement = replacements[scalar] {
        result.append(contentsOf: replacement.unicodeScalars)
      } else if !scalar.properties.isDefaultIgnorableCodePoint,
        scalar.properties.canonicalCombiningClass == .notReordered
      {
        result.append("?")
      }
    }
    return String(result)
  }

  /// `text` in the alphabet and within `limit` septets; longer ones end after a word in "...".
  public static func fitted(_ text: String, septets limit: Int = messageSeptets) -> String {
    precondition(limit >= 8, "a cut text needs room for a word and three points")
    let spelled = spelled(text)
    if let count = septets(of: spelled), count <= limit { return spelled }
    var kept: [Unicode.Scalar] = []
    var used = 0
    var lastSpace: Int?
    for scalar in spelled.unicodeScalars {
      let next = used + (width(of: scalar) ?? 1)
      if scalar == " " || scalar == "\n" { lastSpace = kept.count }
      guard next <= limit - 3 else { break }
      used = next
      kept.append(scalar)
    }
    // A single word longer than half a message is cut where it stands.
    if let space = lastSpace, space > kept.count / 2 { kept.removeSubrange(space...) }
    while let last = kept.last, last == " " || last == "," || last == ";" { kept.removeLast() }
    var result = String.UnicodeScalarView()
    result.append(contentsOf: kept)
    return String(result) + "..."
  }

  private static func width(of scalar: Unicode.Scalar) -> Int? {
    if single.contains(scalar) { return 1 }
    return double.contains(scalar) ? 2 : nil
  }
}
