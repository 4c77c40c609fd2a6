/// A batch file that an owner hands in.
struct StreetBatch {
  let name: String
  let house: String
  let minute: Int64
  let requests: Int
  let watts: Int64
  /// By when it should be done, "18:00".
  let by: String
  let text: String
  let file: String

  /// The street's batches, in the folder that they will be written to.
  static func day(in folder: String, model: String) -> [StreetBatch] {
    func batch(
      _ name: String, _ house: String, _ minute: Int64, _ requests: Int, _ watts: Int64,
      _ by: String, _ text: (Int, String) -> String
    ) -> StreetBatch {
      StreetBatch(
        name: name, house: house, minute: minute, requests: requests, watts: watts, by: by,
        text: text(requests, model), file: "\(folder)/\(name).jsonl")
    }
    return [
      batch("farming", "amber", 300, 60, 320, "12:00", StreetQuestions.farming),
      batch("school", "birch", 330, 60, 260, "13:00", StreetQuestions.school),
      batch("workshop", "amber", 570, 60, 320, "16:00", StreetQuestions.workshop),
      batch("lessons", "birch", 660, 60, 260, "18:00", StreetQuestions.school),
      batch("planting", "amber", 780, 60, 320, "19:00", StreetQuestions.farming),
      batch("repairs", "birch", 900, 60, 260, "19:00", StreetQuestions.workshop),
    ]
  }
}
