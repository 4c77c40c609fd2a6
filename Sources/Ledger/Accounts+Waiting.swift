import Sealing

/// Records that answer one which has not arrived.
///
/// Any key may write what answers nothing. So what waits has the form that its kind has, which
/// bounds the bytes of each; and there is a bound to those of one author, to those of all strangers
/// together, and to all of them.
extension Accounts {
  /// The most records that wait of all authors together: some 20 MB.
  static let mostWaitingOfAll = 16_384
  /// The most of them of all authors together that the household has not listed.
  static let mostWaitingOfStrangers = 4096

  /// Tells whom the household has listed; every other author is a stranger from now on.
  mutating func regard(listed: Set<PublicKey>, own: PublicKey) {
    familiar = listed.union([own])
    self.own = own
    // Any order: a sum.
    strangersWaiting = waitingCounts.reduce(0) { $0 + (isStranger($1.key) ? $1.value : 0) }
  }

  private func isStranger(_ author: PublicKey) -> Bool {
    guard let familiar else { return false }
    return !familiar.contains(author)
  }

  mutating func wait(_ record: Record, for link: Digest) {
    guard record.mayAnswer else { return }
    let author = record.author
    if author != own {
      if waitingCounts[author] ?? 0 >= mostWaiting { giveUpOldest(of: [author]) }
      if mostWaiting != .max { makeRoom(beside: author) }
    }
    waitingCounts[author, default: 0] += 1
    waitingCount += 1
    if isStranger(author) { strangersWaiting += 1 }
    waiting[link, default: []].append(record)
  }

  /// Strangers make room for strangers, each by half of what it has; else who has most makes it.
  private mutating func makeRoom(beside author: PublicKey) {
    if isStranger(author), strangersWaiting >= Self.mostWaitingOfStrangers {
      giveUpOldest(of: Set(waitingCounts.keys.sorted().filter { isStranger($0) }))
    }
    guard waitingCount >= Self.mostWaitingOfAll else { return }
    let known = waitingCounts.sorted { $0.key < $1.key }.filter { $0.key != own }
    guard let most = known.max(by: { $0.value < $1.value }) else { return }
    giveUpOldest(of: [most.key])
  }

  /// Forgets the older half of each author's records that wait. What they answer may have been
  /// folded long ago; what was written lately will come.
  private mutating func giveUpOldest(of authors: Set<PublicKey>) {
    var sequences: [PublicKey: [Int64]] = [:]
    // Any order: they are sorted below.
    for record in waiting.values.joined() where authors.contains(record.author) {
      sequences[record.author, default: []].append(record.sequence)
    }
    let middles = sequences.mapValues { $0.sorted()[$0.count / 2] }
    for link in waiting.keys.sorted() {
      guard let records = waiting[link] else { continue }
      var kept: [Record] = []
      for record in records {
        if let middle = middles[record.author], record.sequence <= middle {
          noteGone(record.author)
        } else {
          kept.append(record)
        }
      }
      if kept.count < records.count { waiting[link] = kept.isEmpty ? nil : kept }
    }
  }

  private mutating func noteGone(_ author: PublicKey) {
    waitingCount -= 1
    if isStranger(author) { strangersWaiting -= 1 }
    let rest = (waitingCounts[author] ?? 1) - 1
    waitingCounts[author] = rest > 0 ? rest : nil
  }

  /// What waited for this record.
  mutating func released(by identity: Digest) -> [Record] {
    guard let records = waiting.removeValue(forKey: identity) else { return [] }
    for record in records { noteGone(record.author) }
    return records
  }
}

extension Record {
  /// Whether peer and body are as they are where a record of this kind has an effect, as far as
  /// that can be said without the record that it answers.
  var mayAnswer: Bool {
    guard let peer, peer != author else { return false }
    switch kind {
    case .confirm, .bind, .acknowledge, .cancel, .pick, .agree: return body.isEmpty
    case .settle:
      return (body.count == 2 || body.count == 4) && body.prefix(2).allSatisfy(\.isAmount)
        && body.dropFirst(2).allSatisfy(\.isDigest)
    case .dispute: return body.count == 3 && body.allSatisfy(\.isAmount)
    case .commit:
      return body.count == 3 && body[0].isDigest && body.dropFirst().allSatisfy(\.isAmount)
    case .countersign: return body.count == 1 && body[0].isAmount && peer < author
    case .accept, .limit, .payment, .receipt, .default, .net, .checkpoint, nil: return false
    }
  }
}

extension CBORValue {
  fileprivate var isAmount: Bool { integer.map { $0 >= 0 } ?? false }
  fileprivate var isDigest: Bool { bytes?.count == 32 }
}
