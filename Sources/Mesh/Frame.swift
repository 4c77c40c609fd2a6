import Ledger
import Sealing

/// One message between two linked nodes; `Protocol.md` specifies the bytes.
public enum Frame: Hashable, Sendable {
  /// How far each author's chain is known to the sender.
  case frontier([FrontierEntry])
  /// Records, each as its author signed it; in order for each author.
  case records([[UInt8]])
  /// Open orders.
  case orders([[UInt8]])
  /// A meter statement for the receiver only.
  case statement([UInt8])
  /// Asks for an author's records from a sequence on, on all branches.
  case ask([RecordQuestion])
  /// Asks one neighbour what it would take for computing something.
  case request([UInt8])
  /// Its answer.
  case quote([UInt8])
  /// Asks for a part of a contract's work or results.
  case fetch(WorkPart)
  /// That part, sealed to who asked for it.
  case part(WorkPart, count: Int64, sealed: [UInt8])

  /// The longest frame sent or accepted.
  public static let maximumBytes = 1 << 20
  /// The most items of one frame.
  public static let maximumItems = 2000

  /// Deterministic CBOR: an array of the frame's number and its items.
  public var encoded: [UInt8] {
    switch self {
    case .frontier(let entries):
      Self.encode(1, entries, capacity: 80 * entries.count) { $1.write(to: &$0) }
    case .records(let items): Self.encode(2, items)
    case .orders(let items): Self.encode(3, items)
    case .statement(let bytes): CBORValue.array([.integer(4), .bytes(bytes)]).encoded
    case .ask(let questions):
      Self.encode(5, questions, capacity: 42 * questions.count) { $1.write(to: &$0) }
    case .request(let bytes): CBORValue.array([.integer(6), .bytes(bytes)]).encoded
    case .quote(let bytes): CBORValue.array([.integer(7), .bytes(bytes)]).encoded
    case .fetch(let part): CBORValue.array([.integer(8), .array(part.encoded)]).encoded
    case .part(let part, let count, let sealed):
      CBORValue.array([.integer(9), .array(part.encoded + [.integer(count), .bytes(sealed)])])
        .encoded
    }
  }

  private static func encode(_ number: Int64, _ items: [[UInt8]]) -> [UInt8] {
    let total = items.reduce(0) { $0 + $1.count + 9 }
    return encode(number, items, capacity: total) { $0.write($1) }
  }

  /// In one piece and without a tree of values: frames of a thousand records are common.
  ///
  /// - Parameter capacity: about how many bytes the items have.
  private static func encode<Item>(
    _ number: Int64, _ items: [Item], capacity: Int, _ write: (inout CBORWriter, Item) -> Void
  ) -> [UInt8] {
    var writer = CBORWriter(capacity: 16 + capacity)
    writer.beginArray(2)
    writer.write(number)
    writer.beginArray(items.count)
    for item in items { write(&writer, item) }
    return writer.bytes
  }

  /// Whether these bytes begin as a frame of records does.
  public static func holdsRecords(_ bytes: [UInt8]) -> Bool { bytes.starts(with: [0x82, 0x02]) }

  /// Whether these bytes begin as a frame of orders does.
  public static func holdsOrders(_ bytes: [UInt8]) -> Bool { bytes.starts(with: [0x82, 0x03]) }

  /// Whether these bytes begin as a frame does that many neighbours get alike: a frontier, records
  /// or orders.
  public static func isForMany(_ bytes: [UInt8]) -> Bool {
    bytes.count > 1 && bytes[0] == 0x82 && (1...3).contains(bytes[1])
  }

  /// Whether these bytes begin as a frame does that carries a sealed part.
  public static func isSealed(_ bytes: [UInt8]) -> Bool { bytes.starts(with: [0x82, 0x09]) }

  /// Reads a frame; an unknown number is nil, so that newer neighbours can say more.
  public static func decode(_ bytes: [UInt8]) throws(FrameError) -> Frame? {
    guard bytes.count <= maximumBytes else { throw FrameError(reason: "longer than 1 MiB") }
    let value: CBORValue
    do { value = try CBORValue(decoding: bytes) } catch {
      throw FrameError(reason: "not deterministic CBOR (\(error))")
    }
    guard let fields = value.array, let number = fields.first?.integer else {
      throw FrameError(reason: "not an array that begins with a number")
    }
    guard (1...9).contains(number) else { return nil }
    guard fields.count == 2 else { throw FrameError(reason: "frame \(number) has two fields") }
    if number >= 6 { return try work(number, fields[1]) }
    if number == 4 {
      guard let bytes = fields[1].bytes else { throw FrameError(reason: "no statement") }
      return .statement(bytes)
    }
    guard let items = fields[1].array, items.count <= maximumItems else {
      throw FrameError(reason: "frame \(number) has at most \(maximumItems) items")
    }
    if number == 1 {
      return .frontier(try items.map { item throws(FrameError) in try FrontierEntry(item) })
    }
    if number == 5 {
      return .ask(try items.map { item throws(FrameError) in try RecordQuestion(item) })
    }
    let list = try items.map { item throws(FrameError) -> [UInt8] in
      guard let bytes = item.bytes else { throw FrameError(reason: "an item is no byte string") }
      return bytes
    }
    return number == 2 ? .records(list) : .orders(list)
  }
}

/// Which part of which body of data of a contract for computing.
public struct WorkPart: Hashable, Sendable {
  /// Identity of the contract's ACCEPT.
  public let contract: Digest
  public let parcel: WorkParcel
  /// 0, 1, 2… up to `WorkParcel.maximumParts` − 1.
  public let number: Int64

  public init(contract: Digest, parcel: WorkParcel, number: Int64) {
    self.contract = contract
    self.parcel = parcel
    self.number = number
  }

  fileprivate init(_ fields: some Collection<CBORValue>) throws(FrameError) {
    let fields = Array(fields)
    guard fields.count >= 3, let contract = fields[0].bytes.flatMap(Digest.init),
      let parcel = fields[1].integer.flatMap(WorkParcel.init), let number = fields[2].integer,
      (0..<WorkParcel.maximumParts).contains(number)
    else { throw FrameError(reason: "a part is [contract, parcel, number]") }
    self.init(contract: contract, parcel: parcel, number: number)
  }

  fileprivate var encoded: [CBORValue] {
    [.bytes(contract.bytes), .integer(parcel.rawValue), .integer(number)]
  }
}

extension Frame {
  /// Reads the field of frames 6 to 9: computing for neighbours.
  private static func work(_ number: Int64, _ field: CBORValue) throws(FrameError) -> Frame {
    switch (number, field) {
    case (6, .bytes(let bytes)): return .request(bytes)
    case (7, .bytes(let bytes)): return .quote(bytes)
    case (8, .array(let fields)) where fields.count == 3: return .fetch(try WorkPart(fields))
    case (9, .array(let fields)) where fields.count == 5:
      guard let count = fields[3].integer, (1...WorkParcel.maximumParts).contains(count),
        let sealed = fields[4].bytes,
        sealed.count <= WorkParcel.partLength + SealedBox.overhead
      else { throw FrameError(reason: "a part has its count and at most 256 KiB") }
      return .part(try WorkPart(fields.prefix(3)), count: count, sealed: sealed)
    default: throw FrameError(reason: "frame \(number) has another field")
    }
  }
}

/// How far one author's chain is known to a node: an entry for the end of each of its branches.
public struct FrontierEntry: Hashable, Sendable {
  public let author: PublicKey
  /// One more than the last record's sequence, > 0; all before it are known.
  public let count: Int64
  /// Identity of the last of them.
  public let head: Digest

  public init(author: PublicKey, count: Int64, head: Digest) {
    self.author = author
    self.count = count
    self.head = head
  }

  fileprivate init(_ value: CBORValue) throws(FrameError) {
    guard let fields = value.array, fields.count == 3,
      let author = fields[0].bytes.flatMap(PublicKey.init),
      let count = fields[1].integer, (1...1_000_000_000).contains(count),
      let head = fields[2].bytes.flatMap(Digest.init)
    else { throw FrameError(reason: "a frontier entry is [author, count, head]") }
    self.init(author: author, count: count, head: head)
  }

  fileprivate func write(to writer: inout CBORWriter) {
    writer.beginArray(3)
    writer.write(author)
    writer.write(count)
    writer.write(head)
  }
}

/// Asks for what leads to a record whose predecessor is missing.
public struct RecordQuestion: Hashable, Sendable {
  public let author: PublicKey
  /// The first sequence that is asked for.
  public let from: Int64

  public init(author: PublicKey, from: Int64) {
    self.author = author
    self.from = from
  }

  fileprivate init(_ value: CBORValue) throws(FrameError) {
    guard let fields = value.array, fields.count == 2,
      let author = fields[0].bytes.flatMap(PublicKey.init),
      let from = fields[1].integer, (0...1_000_000_000).contains(from)
    else { throw FrameError(reason: "a question is [author, sequence]") }
    self.init(author: author, from: from)
  }

  fileprivate func write(to writer: inout CBORWriter) {
    writer.beginArray(2)
    writer.write(author)
    writer.write(from)
  }
}

/// Why bytes from a neighbour are no frame.
public struct FrameError: Error, Hashable, Sendable {
  public let reason: String
}
