import Quantities
import Sites

/// Where a simulated device keeps what it measures: by a maker's profile, or by SunSpec; or what a
/// real one held once.
public enum RegisterLayout: Sendable {
  case profile(RegisterMap)
  /// The same registers for ever.
  case dump(RegisterImage)
  /// By these models of SunSpec's.
  case sunSpec([UInt16], SunSpecImage.Nameplate)

  /// What can be steered of a device that shows `reading`.
  public func controls(of reading: DeviceReading) -> [DeviceControl] {
    switch self {
    case .profile(let map): return map.profile.controls
    case .dump: return []
    case .sunSpec:
      let image = image(of: reading)
      guard let device = Self.walk(image) else { return [] }
      return SunSpecMap(device).controls(in: image)
    }
  }

  /// What a client finds that looks for SunSpec models; nil when there are none.
  private static func walk(_ image: RegisterImage) -> SunSpecDevice? {
    var walk = SunSpecWalk()
    while true {
      switch walk.step {
      case .read(let span):
        walk.take(image.words(in: span).map(SunSpecWalk.Answer.words) ?? .refused)
      case .found(let device): return device
      case .absent, .endless: return nil
      }
    }
  }

  /// The order of a number's words, where a register has none of its own.
  public var wordOrder: RegisterType.WordOrder {
    switch self {
    case .profile(let map): map.profile.manners.wordOrder
    case .sunSpec, .dump: .highFirst
    }
  }

  /// The registers of a device that measures what `reading` says.
  public func image(of reading: DeviceReading) -> RegisterImage {
    switch self {
    case .profile(let map): map.encode(reading)
    case .dump(let image): image
    case .sunSpec(let models, let nameplate):
      SunSpecImage.image(of: reading, models: models, nameplate: nameplate)
    }
  }

  /// Those of a reading's quantities whose registers lie in `span`.
  func quantities(of reading: DeviceReading, in span: RegisterSpan) -> [DeviceQuantity] {
    let whole = image(of: reading).words(in: span)
    return DeviceQuantity.allCases.filter { quantity in
      guard reading[quantity] != nil else { return false }
      var without = reading
      without[quantity] = nil
      return image(of: without).words(in: span) != whole
    }
  }

  /// Whether any of the device's registers shows `quantity` of such a reading.
  func shows(_ quantity: DeviceQuantity, of reading: DeviceReading) -> Bool {
    switch self {
    case .profile(let map): return map.profile.registers.contains { $0.quantity == quantity }
    case .dump: return false
    case .sunSpec:
      var without = reading
      without[quantity] = nil
      return image(of: without) != image(of: reading)
    }
  }

  /// What one count of a counter is worth, in mWh.
  func step(of quantity: DeviceQuantity) -> Int64 {
    guard case .profile(let map) = self else { return 1000 }
    let steps = map.profile.registers.filter { $0.quantity == quantity }.map { register in
      register.type == .f32
        ? map.profile.manners.totalResolution?.milliwattHours ?? 1
        : quantity.base * register.scale.numerator / register.scale.denominator
    }
    return max(1, steps.max() ?? 1)
  }

  /// The words of `span` with one longer number torn: its low word is of one moment, the word
  /// above of another, a carry on or back.
  ///
  /// - Parameter choice: decides which number and which way; any number from 0 on.
  func torn(_ image: RegisterImage, _ span: RegisterSpan, choice: Int) -> [UInt16]? {
    guard var words = image.words(in: span) else { return nil }
    let places = aboveLowest.filter { $0.table == span.table && span.contains($0.address) }
    guard !places.isEmpty else { return words }
    let place = places[choice / 2 % places.count].address - span.address
    words[place] = choice % 2 == 0 ? words[place] &+ 1 : words[place] &- 1
    return words
  }

  /// The word above the lowest one of each number that has several.
  private var aboveLowest: [(table: RegisterTable, address: Int)] {
    switch self {
    case .profile(let map):
      return map.profile.registers.filter { $0.type.width > 1 }.map { register in
        let table = register.table ?? map.profile.manners.table
        let index = register.type.width - 2
        if register.isSplit { return (table, register.addresses[index]) }
        let isHighFirst = (register.wordOrder ?? wordOrder) == .highFirst
        return (table, register.address + (isHighFirst ? index : 1))
      }
    case .dump: return []
    case .sunSpec: return sunSpecCounters
    }
  }

  /// The high words of the counters, found by moving each by one carry.
  private var sunSpecCounters: [(table: RegisterTable, address: Int)] {
    var reading = DeviceReading(device: "", at: .distantPast)
    for quantity in DeviceQuantity.allCases { reading[quantity] = quantity.isTotal ? 1_000_000 : 0 }
    let before = image(of: reading).holding
    for quantity in DeviceQuantity.allCases where quantity.isTotal {
      reading[quantity] = 1_000_000 + 65_536 * 1000
    }
    let after = image(of: reading).holding
    return zip(before, after).flatMap { before, after in
      before.words.indices.filter { before.words[$0] != after.words[$0] }
        .map { (RegisterTable.holding, before.address + $0) }
    }
  }
}

extension RegisterSpan {
  fileprivate func contains(_ other: Int) -> Bool { (address..<end).contains(other) }
}
