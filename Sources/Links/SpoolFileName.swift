/// The name of a received message: IN<date>_<time>_<serial>_<sender>_<part>.txt.
///
/// See the files backend in gammu-smsd's manual ("RECEIVING").
struct SpoolFileName: Hashable {
  let date: String
  let time: String
  let serial: String
  let sender: String
  let part: Int

  /// Nil when the name has another form.
  init?(_ name: String) {
    guard name.hasPrefix("IN"), name.hasSuffix(".txt"), name.utf8.count <= 120 else { return nil }
    let fields = name.dropFirst(2).dropLast(4).split(
      separator: "_", omittingEmptySubsequences: false)
    guard fields.count >= 5, let last = fields.last, let part = Int(last), part >= 0 else {
      return nil
    }
    func isDigits(_ field: Substring, _ count: Int) -> Bool {
      field.utf8.count == count && field.utf8.allSatisfy { (48...57).contains($0) }
    }
    guard isDigits(fields[0], 8), isDigits(fields[1], 6) else { return nil }
    date = String(fields[0])
    time = String(fields[1])
    serial = String(fields[2])
    // A sender that is a name may hold the separator itself.
    sender = fields[3..<fields.count - 1].joined(separator: "_")
    self.part = part
    guard !sender.isEmpty, !serial.isEmpty else { return nil }
  }

  /// What the parts of one message share.
  var message: String { "\(date)_\(time)_\(serial)_\(sender)" }

  /// Where the reply goes; nil when the sender is a name, which can't be answered.
  func replyName(identifier: String) -> String? {
    let digits = sender.hasPrefix("+") ? sender.dropFirst() : sender[...]
    guard (3...15).contains(digits.utf8.count),
      digits.utf8.allSatisfy({ (48...57).contains($0) })
    else { return nil }
    return "OUTA\(date)_\(time)_00_\(sender)_\(identifier).txt"
  }
}
