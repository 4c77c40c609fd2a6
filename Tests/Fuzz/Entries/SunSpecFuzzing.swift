import Quantities
import Sites

/// A device whose registers are any bytes: the walk ends, and what is decoded can be.
enum SunSpecFuzzing {
  /// The first byte says where the registers lie and whether they repeat, the rest are the
  /// registers.
  static func run(_ bytes: [UInt8], promise: (Bool, String) -> Void) {
    guard let first = bytes.first else { return }
    let base = SunSpecModel.bases[Int(first & 3) % SunSpecModel.bases.count]
    let words = zip(bytes.dropFirst().enumerated(), bytes.dropFirst(2))
      .filter { $0.0.offset % 2 == 0 }
      .map { UInt16($0.0.element) << 8 | UInt16($0.1) }
    guard !words.isEmpty else { return }
    var image = RegisterImage()
    // Most inputs would lack the marker and end there.
    if first & 4 == 0 {
      image.write(SunSpecModel.marker + words, at: base, in: .holding)
    } else {
      let count = first & 8 == 0 ? words.count : 65536 - base
      image.write((0..<count).map { words[$0 % words.count] }, at: base, in: .holding)
    }
    guard let device = walk(image, promise: promise) else { return }
    let map = SunSpecMap(device)
    read(map, image, promise: promise)
  }

  private static func walk(
    _ image: RegisterImage, promise: (Bool, String) -> Void
  ) -> SunSpecDevice? {
    var walk = SunSpecWalk()
    var requests = 0
    while case .read(let span) = walk.step {
      requests += 1
      guard requests <= 3 * SunSpecModel.maximumCount + 8 else {
        promise(false, "a walk ends")
        return nil
      }
      walk.take(image.words(in: span).map { .words($0) } ?? .refused)
    }
    guard case .found(let device) = walk.step else { return nil }
    let addresses = device.models.map(\.address)
    promise(addresses == addresses.sorted(), "a walk goes forward")
    promise(Set(addresses).count == addresses.count, "a walk finds no model twice")
    return device
  }

  private static func read(
    _ map: SunSpecMap, _ image: RegisterImage, promise: (Bool, String) -> Void
  ) {
    var answers = RegisterImage()
    var again = RegisterImage()
    for span in map.slowPlan + map.plan {
      if let words = image.words(in: span) { answers.write(words, at: span.address, in: .holding) }
    }
    for span in map.proof {
      if let words = image.words(in: span) { again.write(words, at: span.address, in: .holding) }
    }
    promise(map.stands(in: answers), "a list stands where it was found")
    let reading = map.decode(answers, again: again, device: "device", at: .distantPast)
    let most = Power(watts: 100_000_000).rawValue
    for quantity in DeviceQuantity.allCases {
      guard let value = reading[quantity] else { continue }
      if quantity.isPower { promise((-most...most).contains(value), "a power can be") }
      if quantity.isTotal { promise((0...magnitudeLimit).contains(value), "a total can be") }
    }
    if let power = reading.pvPower { promise(power >= .zero, "panels draw nothing") }
    if let charge = reading.stateOfCharge {
      promise((0...1000).contains(charge.permille), "a state of charge can be")
    }
    for control in map.controls(in: answers) {
      for register in control.write + control.release {
        let model = map.models.first { model in
          (model.address + 2..<model.next).contains(register.address)
            && register.address + register.type.width <= model.next
        }
        promise(model != nil, "a control writes within its model")
      }
      promise(!control.release.isEmpty, "a control can be released")
    }
  }
}
