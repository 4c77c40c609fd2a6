import Sealing

/// The names that files and batches have in the API: a prefix and 24 hexadecimal digits.
enum FileName {
  static let filePrefix = "file-"
  static let batchPrefix = "batch_"
  private static let digits = 24

  /// A new random name.
  static func random(_ prefix: String) -> String {
    prefix + Hexadecimal.text((0..<(digits / 2)).map { _ in UInt8.random(in: .min ... .max) })
  }

  /// The name of a batch's `part` (`output`, `errors`): always the same for the same batch.
  static func derived(from batch: String, part: String) -> String {
    filePrefix
      + Hexadecimal.text(Array(Digest(of: Array("\(part) \(batch)".utf8)).bytes.prefix(digits / 2)))
  }

  static func isFile(_ id: String) -> Bool { has(filePrefix, id) }
  static func isBatch(_ id: String) -> Bool { has(batchPrefix, id) }

  private static func has(_ prefix: String, _ id: String) -> Bool {
    id.hasPrefix(prefix) && id.utf8.count == prefix.utf8.count + digits
      && id.utf8.dropFirst(prefix.utf8.count).allSatisfy {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
          || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
      }
  }
}
