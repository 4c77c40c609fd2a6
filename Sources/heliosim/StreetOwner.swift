import Quantities

/// What an owner types at a house's node, and when.
struct StreetOwner {
  /// Minutes after the street's midnight.
  let minute: Int64
  let house: String
  /// The line, in the one grammar.
  let line: String
  /// What the owner wants with it.
  let purpose: String
  /// How often it may be tried while the node does not answer.
  static let tries = 40

  /// The day of the street's owners, in order of time.
  ///
  /// Everyone lets each neighbour owe 100 credits; two houses have questions to be answered by the
  /// sun. `batches` are the files' paths.
  static func day(
    houses: [String], from start: Int64, batches: [StreetBatch]
  ) -> [StreetOwner] {
    var acts: [StreetOwner] = []
    for house in houses {
      for neighbour in houses where neighbour != house {
        acts.append(
          StreetOwner(
            minute: start, house: house, line: "LIMIT \(neighbour) 100",
            purpose: "lets \(neighbour) owe 100 credits"))
      }
    }
    for batch in batches {
      acts.append(
        StreetOwner(
          minute: max(start, batch.minute), house: batch.house,
          line: "RUN \"\(batch.file)\" WATTS \(batch.watts) BY \(batch.by)",
          purpose: "hands in \(batch.requests) questions (\(batch.name))"))
    }
    return acts.sorted { $0.minute < $1.minute }
  }
}
