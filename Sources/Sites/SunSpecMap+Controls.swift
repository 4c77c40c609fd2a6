import Quantities

extension SunSpecMap {
  /// How long a device keeps to what it was told before it returns to its own mind.
  static let reversion = TimeSpan(seconds: 60)

  /// What of the device can be steered, by what its models say now.
  ///
  /// A control has the device's own time-out only where its reversion time is implemented, and a
  /// guardian otherwise. A limit in % is given in watts of what the inverter is set to. None where
  /// the list has several inverters, because nothing says which of them a model steers.
  ///
  /// - Parameter image: the answers to `plan` over those to `slowPlan`.
  public func controls(in image: RegisterImage) -> [DeviceControl] {
    guard isOneInverter else { return [] }
    let answer = SunSpecAnswer(image: image, again: RegisterImage())
    return [
      limitOfDER(answer) ?? limit(answer),
      storagePower(answer) ?? storePower(answer),
      storageReserve(answer) ?? bankReserve(answer),
    ].compactMap { $0 }
  }

  /// 123: reversion time and limit before the switch, so that it never holds without them.
  private func limit(_ answer: SunSpecAnswer) -> DeviceControl? {
    typealias Controls = SunSpecTable.Controls
    guard let model = first(123), let words = answer.words(of: model),
      let maximum = maximum(answer), words.count(Controls.enabled) != nil,
      let scale = words.scale(Controls.limit, ofWhole: maximum)
    else { return nil }
    let reverts = words.count(Controls.reversion) != nil
    var write: [ControlRegister] = []
    if reverts { write.append(model.register(Controls.reversion, .timeoutSeconds)) }
    write.append(model.register(Controls.limit, .requested, scale: scale))
    write.append(model.register(Controls.enabled, .constant(1)))
    return control(
      .powerLimit, reverts: reverts, range: 0...maximum, write: write,
      release: [model.register(Controls.enabled, .constant(0))])
  }

  /// 704: the same; what it reverts to is "no limit".
  private func limitOfDER(_ answer: SunSpecAnswer) -> DeviceControl? {
    typealias Steering = SunSpecTable.Steering
    guard let model = first(704), let words = answer.words(of: model),
      let maximum = maximum(answer), words.count(Steering.limitEnabled) != nil,
      let scale = words.scale(Steering.limit, ofWhole: maximum)
    else { return nil }
    let reverts =
      words.count(Steering.limitReversion) != nil && words.count(Steering.limitRevertsTo) != nil
    var write: [ControlRegister] = []
    if reverts {
      write.append(model.register(Steering.limitRevertsTo, .constant(0)))
      write.append(model.register(Steering.limitReversion, .timeoutSeconds))
    }
    write.append(model.register(Steering.limit, .requested, scale: scale))
    write.append(model.register(Steering.limitEnabled, .constant(1)))
    return control(
      .powerLimit, reverts: reverts, range: 0...maximum, write: write,
      release: [model.register(Steering.limitEnabled, .constant(0))])
  }

  /// 124: both rates together are a window for the battery's power, and one as wide as nothing
  /// holds it at a value: InWRte = p, OutWRte = −p with p in % of the maximum, + charging.
  ///
  /// A rate below zero forces the other direction: OutWRte of −100 % charges a Fronius battery at
  /// full power, from the grid too (evcc, pull request 18386; github.com/callifo/fronius_modbus).
  private func storagePower(_ answer: SunSpecAnswer) -> DeviceControl? {
    typealias Rates = SunSpecTable.StorageRates
    guard let model = first(124), let words = answer.words(of: model),
      words.count(Rates.mode) != nil, words.count(Rates.charging) != nil,
      words.count(Rates.discharging) != nil,
      let charge = words.value(Rates.maximum, base: 1000), charge > 0,
      let discharge = maximumDischarge(words, answer.words(of: first(120))), discharge > 0,
      let chargeScale = words.scale(Rates.charging, ofWhole: charge),
      let dischargeScale = words.scale(Rates.discharging, ofWhole: discharge)
    else { return nil }
    let reverts = words.count(Rates.reversion) != nil
    var write: [ControlRegister] = []
    if reverts { write.append(model.register(Rates.reversion, .timeoutSeconds)) }
    write.append(
      model.register(Rates.discharging, .requested, scale: dischargeScale, sign: .reversed))
    write.append(model.register(Rates.charging, .requested, scale: chargeScale))
    write.append(model.register(Rates.mode, .constant(3)))
    return control(
      .batteryPower, reverts: reverts, range: -discharge...charge, write: write,
      release: [model.register(Rates.mode, .constant(0))])
  }

  /// 704: the power of a device whose DC ports are stores alone; its + is out of it.
  private func storePower(_ answer: SunSpecAnswer) -> DeviceControl? {
    typealias Steering = SunSpecTable.Steering
    typealias Capacity = SunSpecTable.Capacity
    guard let model = first(704), let words = answer.words(of: model),
      let ratings = answer.words(of: first(702)), isStoreAlone(answer),
      words.count(Steering.powerEnabled) != nil,
      let exponent = words.factor(55), let scale = RegisterScale.powerOfTen(exponent),
      let charge = ratings.value(Capacity.charge, base: 1000)
        ?? ratings.value(Capacity.chargeRating, base: 1000),
      let discharge = ratings.value(Capacity.discharge, base: 1000)
        ?? ratings.value(Capacity.dischargeRating, base: 1000)
    else { return nil }
    let reverts =
      words.count(Steering.powerReversion) != nil && words.count(Steering.powerRevertsTo) != nil
    var write: [ControlRegister] = []
    if reverts {
      write.append(model.register(Steering.powerRevertsTo, .constant(0)))
      write.append(model.register(Steering.powerReversion, .timeoutSeconds))
    }
    // Mode 1: the set-point is in watts.
    write.append(model.register(Steering.powerMode, .constant(1)))
    write.append(model.register(Steering.power, .requested, scale: scale, sign: .reversed))
    write.append(model.register(Steering.powerEnabled, .constant(1)))
    return control(
      .batteryPower, reverts: reverts, range: -discharge...charge, write: write,
      release: [model.register(Steering.powerEnabled, .constant(0))])
  }

  private func isStoreAlone(_ answer: SunSpecAnswer) -> Bool {
    let ports = all(714)
    guard !ports.isEmpty else { return false }
    return ports.allSatisfy { model in
      guard let words = answer.words(of: model), model.blockCount > 0 else { return false }
      return (0..<model.blockCount).allSatisfy { index in
        let offset = model.blockOffset(index) - model.blockOffset(0)
        return words.count(SunSpecTable.Ports.kind.moved(by: offset)) == SunSpecTable.Ports.store
      }
    }
  }

  private func storageReserve(_ answer: SunSpecAnswer) -> DeviceControl? {
    guard let model = first(124) else { return nil }
    return reserve(model, SunSpecTable.StorageRates.reserve, answer)
  }

  private func bankReserve(_ answer: SunSpecAnswer) -> DeviceControl? {
    guard all(802).count == 1, let model = first(802) else { return nil }
    return reserve(model, SunSpecTable.Battery.reserve, answer)
  }

  /// A reserve has no reversion time; its own mind is the value that stood there when it was read.
  private func reserve(
    _ model: SunSpecModel, _ point: SunSpecPoint, _ answer: SunSpecAnswer
  ) -> DeviceControl? {
    guard let words = answer.words(of: model), let held = words.count(point),
      let offset = point.factor, let exponent = words.factor(offset),
      let scale = RegisterScale.powerOfTen(exponent)
    else { return nil }
    return control(
      .reserve, reverts: false, range: 0...1000,
      write: [model.register(point, .requested, scale: scale)],
      release: [model.register(point, .constant(held))])
  }

  private func control(
    _ control: Control, reverts: Bool, range: ClosedRange<Int64>, write: [ControlRegister],
    release: [ControlRegister]
  ) -> DeviceControl {
    DeviceControl(
      control: control, failSafe: reverts ? .timeout(Self.reversion) : .guardian,
      memory: quirks.memory, range: range, write: write, release: release)
  }
}

extension SunSpecModel {
  /// The point as a register to be written.
  fileprivate func register(
    _ point: SunSpecPoint, _ content: ControlRegister.Content, scale: RegisterScale = .one,
    sign: DeviceRegister.Sign = .asRead
  ) -> ControlRegister {
    let type: RegisterType =
      switch point.kind {
      case .int16: .s16
      case .int32: .s32
      case .uint32, .acc32: .u32
      case .float32: .f32
      default: .u16
      }
    return ControlRegister(
      address: address + point.offset, type: type, wordOrder: .highFirst, scale: scale, sign: sign,
      content: content)
  }
}

extension SunSpecWords {
  /// What one count of a percentage is worth in watts, where 100 % are `whole` milliwatts.
  ///
  /// The whole is taken down to full watts, so that a limit is never wider than asked for by more
  /// than that.
  fileprivate func scale(_ point: SunSpecPoint, ofWhole whole: Int64) -> RegisterScale? {
    guard let offset = point.factor, let exponent = factor(offset), abs(exponent) <= 4 else {
      return nil
    }
    let ten = Self.powerOfTen(exponent.magnitude)
    let watts = whole / 1000
    return exponent < 0
      ? RegisterScale(reducing: watts, over: 100 * ten)
      : RegisterScale(reducing: watts * ten, over: 100)
  }
}

extension RegisterScale {
  /// 10 to the power of `exponent`, within −6 to 6.
  fileprivate static func powerOfTen(_ exponent: Int64) -> RegisterScale? {
    guard abs(exponent) <= 6 else { return nil }
    let ten = SunSpecWords.powerOfTen(exponent.magnitude)
    return exponent < 0
      ? RegisterScale(reducing: 1, over: ten) : RegisterScale(reducing: ten, over: 1)
  }
}
