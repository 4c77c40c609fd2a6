import FoundationEssentials
import Glibc
import Market
import Quantities
import Sealing

/// Clears books and says what came of it and how long it took.
///
/// Whether the trades are allowed and how good they are, Tests/Bench/clearing_report.py finds out.
struct ClearingBenchmark {
  /// A book as Tests/Bench/clearing_books.py writes it: one JSON object a line.
  private struct Book: Decodable {
    let seed: Int
    /// Author, side, energy in mWh, price in millicredits a kWh, seconds before the gate.
    let orders: [[Int64]]
    /// Seller, buyer, millicredits.
    let limits: [[Int64]]?
  }

  private struct Answer: Encodable {
    let seed: Int
    let price: Int64
    /// Place of the offer, place of the bid, mWh.
    let trades: [[Int64]]
    let proven: Bool
    /// The thread's own time.
    let nanoseconds: Int64
  }

  private let community = Community(name: "bench")
  private let slot = TimeSlot(index: 1_980_000)
  private var keys: [Int64: KeyPair] = [:]

  /// Reads JSON lines from the standard input until it ends, and answers each at once.
  mutating func run() throws {
    while let line = readLine(strippingNewline: true) {
      let book = try JSONDecoder().decode(Book.self, from: Data(line.utf8))
      let answer = try JSONEncoder().encode(answer(book))
      Output.line(String(decoding: answer, as: UTF8.self))
    }
  }

  private mutating func answer(_ book: Book) throws -> Answer {
    var orders: [Order] = []
    for fields in book.orders { orders.append(try order(fields, book.seed)) }
    let limits = try limits(of: book)
    let start = Self.nanoseconds()
    let clearing = Clearing.clear(orders, within: limits)
    let spent = Self.nanoseconds() - start
    var places: [Digest: Int64] = [:]
    for (place, order) in orders.enumerated() { places[order.identity] = Int64(place) }
    let trades = (clearing?.matches ?? []).map {
      [places[$0.offer.identity] ?? -1, places[$0.bid.identity] ?? -1, $0.energy.rawValue]
    }
    return Answer(
      seed: book.seed, price: clearing?.price.rawValue ?? 0, trades: trades,
      proven: clearing?.isProven ?? true, nanoseconds: spent)
  }

  private mutating func limits(of book: Book) throws -> [CreditLimit]? {
    guard let rows = book.limits else { return nil }
    var limits: [CreditLimit] = []
    for fields in rows {
      guard fields.count == 3 else { throw Complaint("book \(book.seed): a limit is 3 numbers") }
      let (seller, buyer) = (try key(fields[0]).publicKey, try key(fields[1]).publicKey)
      limits.append(
        CreditLimit(seller: seller, buyer: buyer, credit: Credits(millicredits: fields[2])))
    }
    return limits
  }

  private mutating func order(_ fields: [Int64], _ seed: Int) throws -> Order {
    guard fields.count == 5, let side = Order.Side(rawValue: fields[1]) else {
      throw Complaint("book \(seed): an order is author, side, energy, price and seconds")
    }
    return Order(
      community: community, keys: try key(fields[0]), side: side, slot: slot,
      energy: Energy(milliwattHours: fields[2]),
      limitPrice: Price(millicreditsPerKilowattHour: fields[3]),
      time: Order.gate(of: slot) - TimeSpan(milliseconds: fields[4] * 1000))
  }

  private mutating func key(_ author: Int64) throws -> KeyPair {
    if let known = keys[author] { return known }
    let seed = Digest(of: CBORValue.integer(author).encoded).bytes
    guard let pair = KeyPair(seed: seed) else { throw Complaint("no key for author \(author)") }
    keys[author] = pair
    return pair
  }

  private static func nanoseconds() -> Int64 {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}
