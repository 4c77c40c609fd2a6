import Quantities
import Sealing

/// The accounts as bytes, so that a start need not apply every record again.
extension Accounts {
  private static let version: Int64 = 3

  /// Everything that later records could change, and every balance.
  ///
  /// Contracts, of which there are thousands, go straight into the bytes.
  public var encoded: [UInt8] {
    let accounts = pairs.sorted { $0.key < $1.key }
    let reach = table.reach.sorted { $0.key < $1.key }
    let circles = proposals.values.sorted { $0.identity < $1.identity }
    let records = waiting.sorted { $0.key < $1.key }.flatMap(\.value)
    var writer = CBORWriter(
      capacity: 256 * accounts.count + 128 * (table.count + table.recordCount))
    writer.beginArray(9)
    writer.write(Self.version)
    writer.beginArray(table.count)
    table.forEach { $0.write(to: &writer, isOpen: $1) }
    writer.write(
      .array(
        accounts.map { pair, account in
          .array([.bytes(pair.creditor.bytes), .bytes(pair.debtor.bytes), account.encoded])
        }))
    writer.write(.array(reach.map { encoded($0.key, reach: $0.value) }))
    writer.write(.array(circles.map(\.encoded)))
    writer.write(.array(netted.sorted().map { .bytes($0.bytes) }))
    writer.write(.array(checkpoints.values.sorted { $0.identity < $1.identity }.map(\.encoded)))
    writer.write(.array(countersigned.sorted().map { .bytes($0.bytes) }))
    writer.write(.array(records.map { .bytes($0.bytes) }))
    return writer.bytes
  }

  private func encoded(_ author: PublicKey, reach: Int64) -> CBORValue {
    let times = (table.begun[author] ?? [:]).sorted { $0.key < $1.key }
    return .array([
      .bytes(author.bytes), .integer(reach),
      .array(times.flatMap { [.integer($0.key), .integer($0.value.rawValue)] }),
    ])
  }

  /// Accounts from `encoded`; nil when the bytes are damaged or of another version.
  public init?(decoding bytes: [UInt8]) {
    self.init()
    var walk = CBORWalk(bytes)
    guard (try? walk.enterArray()) == 9, (try? walk.next())?.integer == Self.version,
      let count = try? walk.enterArray()
    else { return nil }
    table.reserve(count)
    // One by one: all of them as values would take ten times the snapshot's room for a moment.
    for _ in 0..<count {
      guard let value = try? walk.next(), let (contract, isOpen) = Contract.decoded(value) else {
        return nil
      }
      table.put(contract, isOpen: isOpen)
    }
    guard let accounts = (try? walk.next())?.array, let reach = (try? walk.next())?.array,
      let circles = (try? walk.next())?.array, let takenOff = (try? walk.next())?.array,
      let statements = (try? walk.next())?.array, let signed = (try? walk.next())?.array,
      let records = (try? walk.next())?.array, walk.isAtEnd
    else { return nil }
    for value in accounts {
      guard let fields = value.array, fields.count == 3,
        let creditor = fields[0].bytes.flatMap(PublicKey.init),
        let debtor = fields[1].bytes.flatMap(PublicKey.init), let account = PairAccount(fields[2])
      else { return nil }
      let pair = CreditPair(creditor: creditor, debtor: debtor)
      pairs[pair] = account
      table.restore(pair, covered: account.sold.reach)
    }
    for value in reach {
      guard let fields = value.array, fields.count == 3,
        let author = fields[0].bytes.flatMap(PublicKey.init), let sequence = fields[1].integer,
        let times = fields[2].array, times.count % 2 == 0
      else { return nil }
      var begun: [Int64: Instant] = [:]
      for place in stride(from: 0, to: times.count, by: 2) {
        guard let stretch = times[place].integer, let time = times[place + 1].integer else {
          return nil
        }
        begun[stretch] = Instant(rawValue: time)
      }
      table.restore(author, reach: sequence, begun: begun)
    }
    for value in circles {
      guard let circle = NettingProposal(value) else { return nil }
      proposals[circle.identity] = circle
    }
    for value in takenOff {
      guard let identity = value.bytes.flatMap(Digest.init) else { return nil }
      self.netted.insert(identity)
    }
    for value in statements {
      guard let checkpoint = Checkpoint(value) else { return nil }
      checkpoints[checkpoint.identity] = checkpoint
    }
    for value in signed {
      guard let identity = value.bytes.flatMap(Digest.init) else { return nil }
      countersigned.insert(identity)
    }
    for value in records {
      guard let bytes = value.bytes,
        let record = try? Record(decoding: bytes, verifying: false), let link = record.link
      else { return nil }
      wait(record, for: link)
    }
  }
}

extension Contract {
  fileprivate func write(to writer: inout CBORWriter, isOpen: Bool) {
    writer.beginArray(10)
    writer.write(identifier)
    writer.write(buyer)
    writer.write(seller)
    writer.write(offer)
    writer.write(.array(terms.body))
    writer.write(sequence)
    writer.write(time.rawValue)
    writer.beginArray(steps.count)
    var last = identifier
    for step in steps {
      step.write(to: &writer, answering: last)
      last = step.identity
    }
    writer.beginArray(alternatives.count)
    for answer in alternatives { answer.step.write(to: &writer, answering: answer.link) }
    writer.write(isOpen ? 1 : 0)
  }

  fileprivate static func decoded(_ value: CBORValue) -> (Contract, isOpen: Bool)? {
    guard let fields = value.array, fields.count == 10,
      let identifier = fields[0].bytes.flatMap(Digest.init),
      let buyer = fields[1].bytes.flatMap(PublicKey.init),
      let seller = fields[2].bytes.flatMap(PublicKey.init),
      let offer = fields[3].bytes.flatMap(Digest.init),
      let terms = fields[4].array.flatMap({ ContractTerms(body: $0) }),
      let sequence = fields[5].integer, let time = fields[6].integer,
      let steps = fields[7].array, let alternatives = fields[8].array,
      let isOpen = fields[9].integer
    else { return nil }
    var row: [ContractStep] = []
    row.reserveCapacity(steps.count)
    for step in steps {
      guard let answer = ContractAnswer(step), answer.link == row.last?.identity ?? identifier
      else { return nil }
      row.append(answer.step)
    }
    let others = alternatives.compactMap(ContractAnswer.init)
    guard others.count == alternatives.count else { return nil }
    let contract = Contract(
      identifier: identifier, buyer: buyer, seller: seller, offer: offer, terms: terms,
      sequence: sequence, time: Instant(rawValue: time), steps: row, alternatives: others)
    return (contract, isOpen == 1)
  }
}

extension ContractStep {
  fileprivate func write(to writer: inout CBORWriter, answering link: Digest) {
    writer.beginArray(7)
    writer.write(identity)
    writer.write(link)
    writer.write(kind.rawValue)
    writer.write(bySeller ? 1 : 0)
    writer.write(sequence)
    writer.write(time.rawValue)
    content.write(to: &writer)
  }
}

extension ContractAnswer {
  fileprivate init?(_ value: CBORValue) {
    guard let fields = value.array, fields.count == 7,
      let identity = fields[0].bytes.flatMap(Digest.init),
      let link = fields[1].bytes.flatMap(Digest.init),
      let kind = fields[2].integer.flatMap(Record.Kind.init),
      let bySeller = fields[3].integer, let sequence = fields[4].integer,
      let time = fields[5].integer, let body = fields[6].array,
      let step = ContractStep(
        identity: identity, kind: kind, bySeller: bySeller == 1, sequence: sequence,
        time: Instant(rawValue: time), body: body)
    else { return nil }
    self.init(step, to: link)
  }
}

extension ContractStep.Content {
  /// The body of the record.
  fileprivate func write(to writer: inout CBORWriter) {
    switch self {
    case .nothing: writer.beginArray(0)
    case .settlement(let settlement):
      writer.beginArray(2 + settlement.statements.count)
      writer.write(settlement.quantity)
      writer.write(settlement.amount.rawValue)
      for statement in settlement.statements { writer.write(statement) }
    case .commitment(let root, let answered, let tokens):
      writer.beginArray(3)
      writer.write(root)
      writer.write(answered)
      writer.write(tokens)
    case .dispute(let quantity, let amount, let reason):
      writer.beginArray(3)
      writer.write(quantity)
      writer.write(amount)
      writer.write(reason)
    }
  }
}

extension NettingProposal {
  fileprivate var encoded: CBORValue {
    .array([
      .bytes(identity.bytes), .integer(amount.rawValue), .integer(until.rawValue),
      .array(parties.map { .bytes($0.bytes) }), .array(agreed.sorted().map { .bytes($0.bytes) }),
    ])
  }

  fileprivate init?(_ value: CBORValue) {
    guard let fields = value.array, fields.count == 5,
      let identity = fields[0].bytes.flatMap(Digest.init), let amount = fields[1].integer,
      let until = fields[2].integer, let parties = fields[3].array, let agreed = fields[4].array
    else { return nil }
    let keys = parties.compactMap { $0.bytes.flatMap(PublicKey.init) }
    guard keys.count == parties.count, Self.sizes.contains(keys.count) else { return nil }
    self.init(
      identity: identity, amount: Credits(rawValue: amount), until: Instant(rawValue: until),
      parties: keys, agreed: Set(agreed.compactMap { $0.bytes.flatMap(PublicKey.init) }))
  }
}
