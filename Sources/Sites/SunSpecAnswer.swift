/// What a device answered to a map's requests: the words of each model, where they can be trusted.
struct SunSpecAnswer {
  let image: RegisterImage
  /// What was read once more after `image`, for models of several requests.
  let again: RegisterImage

  /// The model's words; nil where one of its requests got no answer, another model stands there,
  /// or its scale factors changed while it was read.
  func words(of model: SunSpecModel) -> SunSpecWords? {
    var words: [UInt16] = []
    let requests = model.requests
    for request in requests {
      guard let part = image.words(in: request) else { return nil }
      words += part
    }
    guard words.count >= 2, words[0] == model.id, Int(words[1]) == model.length else { return nil }
    if let proof = model.proof {
      let factors = model.blockFactors
      guard let head = again.words(in: proof), factors.upperBound <= head.count,
        head[0] == words[0], head[1] == words[1], head[factors] == words[factors]
      else { return nil }
    }
    return SunSpecWords(words)
  }

  func words(of model: SunSpecModel?) -> SunSpecWords? { model.flatMap { words(of: $0) } }

  /// `value` of each model, added up; nil unless all of them know it, and for none.
  func sum(
    _ models: [SunSpecModel], _ value: (SunSpecModel, SunSpecWords) -> Int64?
  ) -> Int64? {
    let parts = models.map { model in words(of: model).flatMap { value(model, $0) } }
    return parts.sumOfAll
  }
}

extension [Int64?] {
  /// The sum; nil unless every part is known, and for no parts.
  var sumOfAll: Int64? {
    guard !isEmpty else { return nil }
    var sum: Int64 = 0
    for part in self {
      guard let part else { return nil }
      sum += part
    }
    return sum
  }
}
