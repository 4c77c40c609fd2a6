import Quantities

/// What a SunSpec device's models say about a household.
///
/// Which models are used where a device lists several:
/// - inverters: those of one family are added up, 101–103 before 701 before 111–113, because a
///   device that lists two families shows one inverter twice;
/// - the meter: the first of 201–204 and 211–214 that its maker doesn't call something else than
///   the grid connection;
/// - battery power: 802 before the ports of 714 before the inputs of 160 that are a battery;
///   state of charge: 802, 713, 124, 803; banks of one model together;
/// - ratings and limits: of the first 120–124, 702 and 704, the limits only with one inverter.
///
/// Models that are unknown, or shorter than their definition, are left alone.
public struct SunSpecMap: Hashable, Sendable {
  /// The models that are read, in the device's order.
  public let models: [SunSpecModel]
  public let quirks: SunSpecQuirks
  let inverters: [[SunSpecModel]]
  let meter: SunSpecModel?
  private let nameplate: SunSpecNameplate?

  /// - Parameter device: what the walk found.
  public init(_ device: SunSpecDevice) {
    let quirks = SunSpecQuirks(device.nameplate)
    let usable = device.models.filter { !$0.requests.isEmpty }
    func all(_ ids: ClosedRange<UInt16>) -> [SunSpecModel] {
      usable.filter { ids.contains($0.id) }
    }
    inverters = [all(101...103), all(701...701), all(111...113)].filter { !$0.isEmpty }
    meter = usable.first { model in
      (201...204).contains(model.id) || (211...214).contains(model.id)
        ? !quirks.isElsewhere(device.nameplate(over: model)) : false
    }
    self.quirks = quirks
    nameplate = device.nameplate
    let meter = meter
    models = usable.filter { model in
      switch model.id {
      case 1: model == usable.first
      case 201...204, 211...214: model == meter
      default: true
      }
    }
  }

  /// A map of models alone, without what model 1 says.
  public init(models: [SunSpecModel]) { self.init(SunSpecDevice(models: models)) }

  /// Whether there is anything to read about a household.
  public var isEmpty: Bool { plan.isEmpty }

  /// The requests of every poll: what flows, and what it is limited to.
  public var plan: [RegisterSpan] {
    models.filter { !Self.isSlow($0.id) }.flatMap(\.requests)
  }

  /// The requests that are enough now and then: who the device is, what it is built for.
  ///
  /// Their answers are kept and laid under those of `plan`.
  public var slowPlan: [RegisterSpan] {
    models.filter { Self.isSlow($0.id) }.flatMap(\.requests)
  }

  /// What is read once more right after `plan`, for `decode`'s `again`.
  ///
  /// A model of more than 125 registers takes several requests, between which its scale factors
  /// may change.
  public var proof: [RegisterSpan] { models.compactMap(\.proof) }

  private static func isSlow(_ id: UInt16) -> Bool {
    switch id {
    case 1, 120, 121, 122, 702: true
    default: false
    }
  }

  /// Whether the models in `image` still stand where they were found; false as soon as one that
  /// was read there has another identity or length, or the first model's texts are others.
  ///
  /// A device that was replaced, or that changed its list, needs another walk.
  public func stands(in image: RegisterImage) -> Bool {
    models.allSatisfy { model in
      let head = RegisterSpan(table: .holding, address: model.address, count: 2)
      guard let words = image.words(in: head) else { return true }
      guard words[0] == model.id, Int(words[1]) == model.length else { return false }
      guard model.id == 1, let nameplate, let request = model.requests.first,
        let words = image.words(in: request)
      else { return true }
      return SunSpecNameplate(SunSpecWords(words)) == nameplate
    }
  }

  func first(_ id: UInt16) -> SunSpecModel? { models.first { $0.id == id } }

  func all(_ id: UInt16) -> [SunSpecModel] { models.filter { $0.id == id } }

  /// Whether the limits and controls of the list are those of its one inverter.
  var isOneInverter: Bool { inverters.allSatisfy { $0.count == 1 } }
}
