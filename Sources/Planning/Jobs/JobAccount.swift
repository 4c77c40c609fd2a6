/// What the household's jobs came to, one record for each that has ended; the oldest give way.
public struct JobAccount: Hashable, Sendable {
  /// The most records kept.
  public static let limit = 2000

  /// In order of number.
  public private(set) var records: [JobRecord] = []

  public init() {}

  /// Adds the record of a job that has ended.
  mutating func add(_ record: JobRecord) -> [JobAction] {
    insert(record)
    let oldest = records.prefix(max(0, records.count - Self.limit))
    records.removeFirst(oldest.count)
    return [.save(key: JobRecord.key(of: record.number), value: record.encoded)]
      + oldest.map { .forget(key: JobRecord.key(of: $0.number)) }
  }

  /// Takes back what was stored under this key; false when it can't be read.
  mutating func restore(key: String, value: [UInt8]) -> Bool {
    guard let record = JobRecord(decoding: value), JobRecord.key(of: record.number) == key
    else { return false }
    insert(record)
    return true
  }

  private mutating func insert(_ record: JobRecord) {
    let place = records.lastIndex { $0.number <= record.number }
    if let place, records[place].number == record.number {
      records[place] = record
    } else {
      records.insert(record, at: place.map { $0 + 1 } ?? 0)
    }
  }
}
