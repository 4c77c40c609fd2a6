import Sealing

/// A place in a chain; identity decides between the branches of a fork.
struct RecordPlace: Hashable, Comparable, Sendable {
  let sequence: Int64
  let identity: Digest

  static func < (left: RecordPlace, right: RecordPlace) -> Bool {
    (left.sequence, left.identity) < (right.sequence, right.identity)
  }
}

extension RecordPlace {
  /// From a snapshot.
  init?(_ fields: [CBORValue]) {
    guard fields.count == 2, let sequence = fields[0].integer,
      let identity = fields[1].bytes.flatMap(Digest.init)
    else { return nil }
    self.init(sequence: sequence, identity: identity)
  }
}
