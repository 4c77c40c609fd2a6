import Sites

/// Walks over an image as a client would, and reads as a session would.
enum SunSpecWalking {
  /// What a walk ends with, and how many requests it made.
  static func walk(_ image: RegisterImage) -> (end: SunSpecWalk.Step, requests: Int) {
    var walk = SunSpecWalk()
    var requests = 0
    while case .read(let span) = walk.step {
      requests += 1
      walk.take(image.words(in: span).map { .words($0) } ?? .refused)
    }
    return (walk.step, requests)
  }

  static func device(_ image: RegisterImage) -> SunSpecDevice? {
    guard case .found(let device) = walk(image).end else { return nil }
    return device
  }

  static func map(_ image: RegisterImage) -> SunSpecMap {
    SunSpecMap(device(image) ?? SunSpecDevice())
  }

  /// Only what the map asks for.
  static func answers(_ map: SunSpecMap, _ image: RegisterImage) -> RegisterImage {
    read(map.slowPlan + map.plan, image)
  }

  static func read(_ plan: [RegisterSpan], _ image: RegisterImage) -> RegisterImage {
    var answers = RegisterImage()
    for span in plan {
      if let words = image.words(in: span) {
        answers.write(words, at: span.address, in: .holding)
      }
    }
    return answers
  }

  static func decode(_ image: RegisterImage, later: RegisterImage? = nil) -> DeviceReading {
    let map = map(image)
    return map.decode(
      answers(map, image), again: read(map.proof, later ?? image), device: "inverter",
      at: .distantPast)
  }
}
