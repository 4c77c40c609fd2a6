import Quantities

/// Reads a household's record from a table of comma-separated lines.
///
/// The first line names the columns: `time`, `load` and `pv` in any order, in watts, other columns
/// left aside. Times are ISO 8601 in UTC unless they name an offset; each line holds from its time
/// to the next line's. Lines go forward in steps of one length; missing lines and empty fields are
/// unknown. Anything else is refused with its line and field.
public struct HouseholdTable: Sendable {
  /// What is wrong with a table, and where.
  public struct Problem: Error, Hashable, Sendable {
    /// From 1 on.
    public let line: Int
    public let text: String
  }

  private static let names: [(column: Column, words: [String])] = [
    (.time, ["time", "timestamp", "datetime", "date", "utc"]),
    (.load, ["load", "consumption", "household", "demand", "house"]),
    (.pv, ["pv", "solar", "generation", "production"]),
  ]
  /// What may follow a column's name to say that it is in watts.
  private static let wattEndings = ["", "w", "watt", "watts", "power", "powerw", "utc"]
  private static let unknownWords = ["", "-", "na", "n/a", "nan", "null", "none"]

  private enum Column: String, Sendable { case time, load, pv }

  private let separator: UInt8
  private let columns: [(column: Column, position: Int)]
  private var times: [Instant] = []
  private var loads: [Power?] = []
  private var pvs: [Power?] = []
  /// The line of each.
  private var numbers: [Int] = []

  /// The record in `bytes`, a whole file.
  public static func record(_ bytes: [UInt8]) throws(Problem) -> HouseholdRecord {
    var lines = LineCursor(bytes)
    guard let header = lines.next() else {
      throw Problem(line: 1, text: "the file is empty: expected a line time,load,pv")
    }
    var table = try HouseholdTable(header: bytes[header])
    while let line = lines.next() {
      if line.isEmpty { continue }
      try table.take(bytes[line], line: lines.number)
    }
    return try table.record(lastLine: lines.number)
  }

  private init(header: ArraySlice<UInt8>) throws(Problem) {
    let candidates = [UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "\t")]
    separator = candidates.first { header.contains($0) } ?? UInt8(ascii: ",")
    var found: [(column: Column, position: Int)] = []
    let fields = header.split(separator: separator, omittingEmptySubsequences: false)
    for (position, field) in fields.enumerated() {
      guard let column = Self.column(Self.word(field)) else { continue }
      if found.contains(where: { $0.column == column }) {
        throw Problem(line: 1, text: "two columns for \(column.rawValue)")
      }
      found.append((column, position))
    }
    for column in [Column.time, .load, .pv]
    where !found.contains(where: { $0.column == column }) {
      throw Problem(
        line: 1, text: "no column \(column.rawValue): expected time, load and pv (in W)")
    }
    columns = found
  }

  /// A header's field in small letters and digits alone.
  private static func word(_ field: ArraySlice<UInt8>) -> String {
    let small = field.compactMap { byte -> UInt8? in
      switch byte {
      case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte + 32
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): byte
      default: nil
      }
    }
    return String(decoding: small, as: UTF8.self)
  }

  private static func column(_ word: String) -> Column? {
    for (column, words) in names {
      let isNamed = words.contains { name in
        word.hasPrefix(name) && wattEndings.contains(String(word.dropFirst(name.count)))
      }
      if isNamed { return column }
    }
    return nil
  }

  private mutating func take(_ line: ArraySlice<UInt8>, line number: Int) throws(Problem) {
    var time: Instant?
    var load: Power?
    var pv: Power?
    var found = 0
    var position = 0
    var start = line.startIndex
    while start <= line.endIndex {
      let end = line[start...].firstIndex(of: separator) ?? line.endIndex
      if let column = columns.first(where: { $0.position == position })?.column {
        let field = Self.trimmed(line[start..<end])
        found += 1
        switch column {
        case .time: time = try Self.time(field, line: number)
        case .load: load = try Self.power(field, "load", least: 0, line: number)
        // At night an inverter draws a little, and some count that as negative.
        case .pv: pv = try Self.power(field, "pv", least: -100, line: number)
        }
      }
      start = end + 1
      position += 1
    }
    guard found == 3, let time else {
      throw Problem(line: number, text: "\(position) fields: time, load and pv are not all there")
    }
    if let before = times.last, time <= before {
      let hint = "local times need their offset, such as 2026-10-25T02:00:00+02:00"
      throw Problem(line: number, text: "time: not later than the line before; \(hint)")
    }
    times.append(time)
    loads.append(load)
    pvs.append(pv)
    numbers.append(number)
  }

  private static func trimmed(_ field: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    func isOutside(_ byte: UInt8) -> Bool {
      byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\r")
    }
    var field = field
    while let first = field.first, isOutside(first) { field.removeFirst() }
    while let last = field.last, isOutside(last) { field.removeLast() }
    return field
  }

  private static func time(_ field: ArraySlice<UInt8>, line: Int) throws(Problem) -> Instant {
    guard let instant = RecordedTime.instant(field) else {
      throw Problem(
        line: line,
        text: "time: expected such as 2016-01-31T12:15:00Z, found \"\(shown(field))\"")
    }
    return instant
  }

  private static func power(
    _ field: ArraySlice<UInt8>, _ name: String, least: Int64, line: Int
  ) throws(Problem) -> Power? {
    if let milliwatts = RecordedNumber.thousandths(field) {
      guard (least * 1000...1_000_000_000).contains(milliwatts) else {
        throw Problem(line: line, text: "\(name): \(shown(field)) W is out of range")
      }
      return Power(milliwatts: max(0, milliwatts))
    }
    guard unknownWords.contains(shown(field).lowercased()) else {
      let found = "found \"\(shown(field))\""
      throw Problem(line: line, text: "\(name): expected watts such as 1250.5, \(found)")
    }
    return nil
  }

  /// A field for a message: its first characters.
  private static func shown(_ field: ArraySlice<UInt8>) -> String {
    String(String(decoding: field.prefix(40), as: UTF8.self).prefix(24))
  }

  /// Lays the lines out in steps of the shortest time between two.
  private func record(lastLine: Int) throws(Problem) -> HouseholdRecord {
    guard let first = times.first, times.count >= 2 else {
      throw Problem(line: lastLine, text: "two lines of values at least are needed")
    }
    let steps = zip(times, times.dropFirst()).map { $1.since($0) }
    let step = steps.min() ?? .minute
    guard (TimeSpan.minute...TimeSpan.day).contains(step) else {
      throw Problem(
        line: lastLine, text: "time: lines \(step.seconds) s apart: expected a minute to a day")
    }
    let whole = steps.reduce(TimeSpan.zero, +).milliseconds / step.milliseconds + 1
    guard whole <= HouseholdRecord.maximumIntervals else {
      throw Problem(line: lastLine, text: "time: ten years of minutes are the most")
    }
    var load = [Power?](repeating: nil, count: Int(whole))
    var pv = load
    for (index, time) in times.enumerated() {
      let since = time.since(first).milliseconds
      guard since % step.milliseconds == 0 else {
        throw Problem(
          line: numbers[index],
          text: "time: not in steps of \(step.seconds) s from the first line on")
      }
      load[Int(since / step.milliseconds)] = loads[index]
      pv[Int(since / step.milliseconds)] = pvs[index]
    }
    return HouseholdRecord(start: first, step: step, load: load, pv: pv)
  }
}

/// Goes through bytes line by line.
private struct LineCursor {
  private let bytes: [UInt8]
  private var position = 0
  /// The line that `next` gave last, from 1 on.
  private(set) var number = 0

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { position = 3 }
  }

  /// Where the next line is, without its end; nil after the last.
  mutating func next() -> Range<Int>? {
    guard position < bytes.count else { return nil }
    let start = position
    while position < bytes.count, bytes[position] != UInt8(ascii: "\n") { position += 1 }
    var end = position
    if end > start, bytes[end - 1] == UInt8(ascii: "\r") { end -= 1 }
    position += 1
    number += 1
    return start..<end
  }
}
