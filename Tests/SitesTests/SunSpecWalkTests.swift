import Quantities
import Sites
import Testing

@Suite("SunSpecWalk")
struct SunSpecWalkTests {
  /// Marker, then models given by identity and length, their registers counting up.
  static func list(
    _ models: [(id: UInt16, length: Int)], end: [UInt16] = [0xFFFF, 0], base: Int = 40000
  ) -> RegisterImage {
    var words = SunSpecModel.marker
    for model in models {
      words += [model.id, UInt16(model.length)]
      words += (0..<model.length).map { UInt16($0) }
    }
    var image = RegisterImage()
    image.write(Array((words + end).prefix(65536 - base)), at: base, in: .holding)
    return image
  }

  @Test("looks at 40000, 0 and 50000, and nowhere else", arguments: [40000, 0, 50000, 30000])
  func bases(base: Int) {
    let end = SunSpecWalking.walk(Self.list([(101, 50)], base: base)).end
    let model = SunSpecModel(id: 101, address: base + 2, length: 50)
    #expect(end == (base == 30000 ? .absent : .found(SunSpecDevice(models: [model]))))
  }

  @Test("reads identity and length apart, and skips by length")
  func steps() {
    var walk = SunSpecWalk()
    func asked(_ address: Int, _ count: Int) -> SunSpecWalk.Step {
      .read(RegisterSpan(table: .holding, address: address, count: count))
    }
    #expect(walk.step == asked(40000, 2))
    walk.take(.refused)
    #expect(walk.step == asked(0, 2))
    walk.take(.words([1, 2]))
    #expect(walk.step == asked(50000, 2))
    walk.take(.words(SunSpecModel.marker))
    #expect(walk.step == asked(50002, 1))
    walk.take(.words([64_123]))
    #expect(walk.step == asked(50003, 1))
    walk.take(.words([300]))
    #expect(walk.step == asked(50304, 1))
    walk.take(.words([0xFFFF]))
    let model = SunSpecModel(id: 64_123, address: 50002, length: 300)
    #expect(walk.step == .found(SunSpecDevice(models: [model])))
    walk.take(.words([7]))
    #expect(walk.step == .found(SunSpecDevice(models: [model])))
  }

  @Test(
    "ends at the marker without a length, at zero, and where nothing more is",
    arguments: [[0xFFFF], [0], [], [103], [0xFFFF, 0, 1, 66]])
  func ends(end: [UInt16]) {
    let device = SunSpecWalking.device(Self.list([(1, 10), (103, 50)], end: end))
    #expect(device?.models.map(\.id) == [1, 103])
  }

  @Test("is told no endless list", arguments: [0, 1, 900])
  func endless(length: Int) {
    let models = Array(repeating: (id: UInt16(7), length: length), count: 70)
    let (end, requests) = SunSpecWalking.walk(Self.list(models))
    if length == 900 {
      // The address space ends before the count does.
      guard case .found(let device) = end else {
        Issue.record("expected the models that fit")
        return
      }
      #expect(device.models.count == 29)
    } else {
      #expect(end == .endless)
    }
    #expect(requests <= 2 * SunSpecModel.maximumCount + 4)
  }

  @Test("ends where a length leaves the address space")
  func beyond() {
    var image = Self.list([(103, 50)])
    image.write([7, 0xFFF0], at: 40054, in: .holding)
    #expect(SunSpecWalking.device(image)?.models.count == 2)
    #expect(SunSpecMap(models: SunSpecWalking.device(image)?.models ?? []).models.count == 1)
  }

  @Test("reads the texts of the device and of the meters wired to it")
  func nameplates() {
    let house = SunSpecNameplate(
      maker: "SolarEdge", model: "SE5000H", version: "4.19", serial: "741570BD")
    let meter = SunSpecNameplate(
      maker: "WattNode", model: "WNC-3Y-400-MB", version: "24", serial: "4009193",
      options: "Export+Import")
    let first = SunSpecImage.image(
      of: DeviceReading(device: "x", at: .distantPast), models: [1, 103], nameplate: house)
    let second = SunSpecImage.image(
      of: DeviceReading(device: "x", at: .distantPast), models: [1, 203], nameplate: meter)
    var image = RegisterImage()
    let words =
      (first.holding.first?.words ?? []).dropLast(2)
      + (second.holding.first?.words ?? []).dropFirst(2)
    image.write(Array(words), at: 40000, in: .holding)
    let device = SunSpecWalking.device(image)
    #expect(device?.models.map(\.id) == [1, 103, 1, 203])
    #expect(device?.nameplate == house)
    #expect(device?.nameplates[40122] == meter)
    #expect(device.map { SunSpecMap($0).quirks.maker } == .solarEdge)
  }
}
