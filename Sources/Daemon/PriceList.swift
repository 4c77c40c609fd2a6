import Planning
import Quantities
import Sites

/// What a file of prices says: one line for each hour or quarter-hour.
///
///     time,import,export
///     2026-06-21T10:00:00Z,28.5,7.9
///     2026-06-21T11:00:00Z,-1.25
///
/// Times are UTC, at a quarter of an hour; prices credits per kWh, which may be negative, with up
/// to six digits after the point (three are kept). The export price may be left out. A price holds
/// until the next line's time, at most for an hour. Lines in any order; empty ones, those that
/// begin with `#` and a first one of names say nothing. Any line that can't be read refuses the
/// file, and so does a list of nothing: a plan must not take half of a day's prices for all of it.
public struct PriceList: Hashable, Sendable {
  public static let maximumBytes = 1 << 20
  public static let maximumLines = 20_000
  /// Credits per kWh, either way.
  public static let largestPrice: Int64 = 1_000_000

  /// In order of slot.
  public private(set) var importPrices: [Tariff.ListedPrice] = []
  /// In order of slot.
  public private(set) var exportPrices: [Tariff.ListedPrice] = []

  private struct Line {
    let number: Int
    let slot: TimeSlot
    let importPrice: Price
    let exportPrice: Price?
  }

  /// Reads the list in a file.
  public init(file: String) throws(PriceListError) {
    var watched = WatchedFile(path: file, atMost: Self.maximumBytes)
    switch watched.look() {
    case .changed(let bytes): try self.init(bytes, file: file)
    case .unreadable(let reason):
      throw PriceListError(file: file, line: nil, message: "can't be read: \(reason)")
    case .unchanged: try self.init([], file: file)
    }
  }

  /// Reads the text of a list; `file` is what errors call it.
  public init(_ bytes: [UInt8], file: String) throws(PriceListError) {
    var lines: [Line] = []
    var isFirst = true
    // What spreadsheets write before UTF-8.
    let bytes = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
    let texts = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    guard texts.count <= Self.maximumLines else {
      let message = "expected at most \(Self.maximumLines) lines, found \(texts.count)"
      throw PriceListError(file: file, line: nil, message: message)
    }
    for (index, bytes) in texts.enumerated() {
      let text = String(decoding: bytes, as: UTF8.self).trimmed
      guard !text.isEmpty, !text.hasPrefix("#") else { continue }
      defer { isFirst = false }
      // Names above the columns, as a spreadsheet writes them.
      let letter = text.unicodeScalars.first { $0 != "\"" }
      if isFirst, letter?.properties.isAlphabetic == true { continue }
      do throws(Misfit) {
        lines.append(try Self.line(text, number: index + 1))
      } catch {
        throw PriceListError(file: file, line: index + 1, message: error.message)
      }
    }
    guard !lines.isEmpty else {
      let message = "holds no prices: expected lines such as 2026-06-21T10:00:00Z,28.5,7.9"
      throw PriceListError(file: file, line: nil, message: message)
    }
    lines.sort { ($0.slot, $0.number) < ($1.slot, $1.number) }
    for (earlier, later) in zip(lines, lines.dropFirst()) where earlier.slot == later.slot {
      throw PriceListError(
        file: file, line: later.number, message: "line \(earlier.number) has this time too")
    }
    for (index, line) in lines.enumerated() {
      let next = index + 1 < lines.count ? lines[index + 1].slot : line.slot.advanced(by: 4)
      for offset in 0..<min(4, next.index - line.slot.index) {
        let slot = line.slot.advanced(by: offset)
        importPrices.append(Tariff.ListedPrice(slot: slot, price: line.importPrice))
        if let price = line.exportPrice {
          exportPrices.append(Tariff.ListedPrice(slot: slot, price: price))
        }
      }
    }
  }

  private struct Misfit: Error { let message: String }

  private static func line(_ text: String, number: Int) throws(Misfit) -> Line {
    let separator: Character = text.contains(";") ? ";" : ","
    let fields = text.split(separator: separator, omittingEmptySubsequences: false)
      .map { String($0).trimmed.unquoted }
    guard (2...3).contains(fields.count) else {
      throw Misfit(message: "expected time,import price or time,import price,export price")
    }
    guard let start = TimestampText.instant(fields[0]), start == TimeSlot(containing: start).start
    else {
      let found = "found \"\(fields[0].prefix(40))\""
      throw Misfit(message: "expected a UTC quarter-hour such as 2026-06-21T10:00:00Z, " + found)
    }
    let isExported = fields.count == 3 && !fields[2].isEmpty
    return Line(
      number: number, slot: TimeSlot(containing: start), importPrice: try price(fields[1]),
      exportPrice: isExported ? try price(fields[2]) : nil)
  }

  /// Credits per kWh: "28.5", "-1.25", "0.123456" (rounded to a thousandth).
  private static func price(_ text: String) throws(Misfit) -> Price {
    let isNegative = text.hasPrefix("-")
    let parts = text.dropFirst(isNegative ? 1 : 0)
      .split(separator: ".", omittingEmptySubsequences: false)
    let isNumber =
      (1...2).contains(parts.count)
      && parts.allSatisfy { part in
        !part.isEmpty && part.utf8.allSatisfy { (48...57).contains($0) }
      }
    let fraction = parts.count == 2 ? String(parts[1]) : ""
    guard isNumber, fraction.count <= 6, let whole = Int64(parts[0]), whole <= largestPrice,
      let millionths = Int64(fraction + String(repeating: "0", count: 6 - fraction.count))
    else {
      throw Misfit(
        message: "expected credits per kWh such as 28.5, at most \(largestPrice) and six digits "
          + "after the point, found \"\(text.prefix(40))\"")
    }
    let value = whole * 1000 + (millionths + 500) / 1000
    return Price(millicreditsPerKilowattHour: isNegative ? -value : value)
  }
}

/// What is wrong with a price list: its line and what was expected.
public struct PriceListError: Error, Hashable, Sendable, CustomStringConvertible {
  public let file: String
  /// From 1; nil where the whole file is meant.
  public let line: Int?
  public let message: String

  public var description: String { file + (line.map { ":\($0)" } ?? "") + ": " + message }
}

extension String {
  /// Without white space at either end.
  fileprivate var trimmed: String {
    let front = drop(while: \.isWhitespace)
    return String(front.reversed().drop(while: \.isWhitespace).reversed())
  }

  /// Without a pair of quotation marks around it.
  fileprivate var unquoted: String {
    count >= 2 && hasPrefix("\"") && hasSuffix("\"") ? String(dropFirst().dropLast()) : self
  }
}
