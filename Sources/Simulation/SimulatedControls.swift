import Quantities
import Sites

/// The control registers of a simulated device: they take writes, are obeyed, and fall back by
/// themselves when their own time-out has passed.
public struct SimulatedControls: Sendable {
  private struct Held: Sendable {
    let control: DeviceControl
    let write: [HeldRegister]
    let release: [HeldRegister]
    /// When any of its registers was last written; nil: never, or fallen back since.
    var writtenAt: Instant?
    var writes = 0

    func contains(_ address: Int) -> Bool {
      (write + release).contains { $0.addresses.contains(address) }
    }
  }

  private var controls: [Held]
  private var words: [Int: UInt16] = [:]

  /// Every register holds what gives the device back to itself, or zero.
  public init(_ controls: [DeviceControl], wordOrder: RegisterType.WordOrder = .highFirst) {
    self.controls = controls.map { control in
      func held(_ registers: [ControlRegister]) -> [HeldRegister] {
        registers.map { HeldRegister(register: $0, order: $0.wordOrder ?? wordOrder) }
      }
      return Held(control: control, write: held(control.write), release: held(control.release))
    }
    for index in self.controls.indices {
      for register in self.controls[index].write { put(0, in: register) }
    }
    for index in self.controls.indices { fallBack(index) }
  }

  /// Takes `words` at `address` and after; false when one of the registers is no control's.
  public mutating func write(_ words: [UInt16], at address: Int, now: Instant) -> Bool {
    let addresses = address..<address + words.count
    guard !words.isEmpty, addresses.allSatisfy({ self.words[$0] != nil }) else { return false }
    for (address, word) in zip(addresses, words) { self.words[address] = word }
    for index in controls.indices where addresses.contains(where: controls[index].contains) {
      controls[index].writtenAt = now
      controls[index].writes += 1
    }
    return true
  }

  /// Lets each control whose time-out has passed fall back to the device's own mind.
  public mutating func expire(at now: Instant) {
    for index in controls.indices {
      guard let writtenAt = controls[index].writtenAt, let timeout = timeout(of: controls[index]),
        now.since(writtenAt) >= timeout
      else { continue }
      fallBack(index)
    }
  }

  /// What is asked for now.
  public var settings: HouseSettings {
    var settings = HouseSettings()
    for held in controls {
      guard let value = value(of: held) else { continue }
      switch held.control.control {
      case .batteryPower: settings.batteryPower = Power(milliwatts: value)
      case .reserve:
        settings.reserve = StateOfCharge(permille: value).clamped(to: .empty ... .full)
      case .exportLimit: settings.exportLimit = Power(milliwatts: max(0, value))
      case .powerLimit: settings.powerLimit = Power(milliwatts: max(0, value))
      }
    }
    return settings
  }

  /// Requests that wrote to flash, for each control that is kept there: what wears the device.
  public var flashWrites: [(control: Control, count: Int)] {
    controls.compactMap { held in
      guard case .flash = held.control.memory else { return nil }
      return (held.control.control, held.writes)
    }
  }

  /// Whether there is anything to steer.
  public var isEmpty: Bool { controls.isEmpty }

  /// Puts the registers into `image`: over what is there where somebody has written them, and
  /// elsewhere only where nothing is.
  func show(in image: inout RegisterImage) {
    for address in words.keys.sorted() {
      guard let word = words[address] else { continue }
      let span = RegisterSpan(table: .holding, address: address, count: 1)
      let isWritten = controls.contains { $0.writtenAt != nil && $0.contains(address) }
      if isWritten || image.words(in: span) == nil {
        image.write([word], at: address, in: .holding)
      }
    }
  }
}

extension SimulatedControls {
  private func count(in register: HeldRegister) -> Int64 {
    register.count(register.addresses.map { words[$0] ?? 0 })
  }

  private mutating func put(_ count: Int64, in register: HeldRegister) {
    for (address, word) in zip(register.addresses, register.words(count)) {
      words[address] = word
    }
  }

  private mutating func fallBack(_ index: Int) {
    for register in controls[index].release {
      if case .constant(let count) = register.register.content { put(count, in: register) }
    }
    controls[index].writtenAt = nil
  }

  private func timeout(of held: Held) -> TimeSpan? {
    guard case .timeout(let usual) = held.control.failSafe else { return nil }
    let written = held.write.first { $0.register.content == .timeoutSeconds }
    let seconds = written.map { count(in: $0) } ?? 0
    return seconds > 0 ? TimeSpan(seconds: min(seconds, 1_000_000)) : usual
  }

  /// The value in force, in smallest units; nil while the device follows its own mind.
  private func value(of held: Held) -> Int64? {
    guard held.writtenAt != nil else { return nil }
    let isReleased =
      !held.release.isEmpty
      && held.release.allSatisfy { $0.register.content == .constant(count(in: $0)) }
    if isReleased { return nil }
    var requested: Int64?
    var charging: Int64 = 0
    var discharging: Int64 = 0
    // Registers may share a word between directions: only together they tell which is meant.
    var directions: [Int64]?
    for register in held.write {
      let count = count(in: register)
      let value = register.value(count, of: held.control.control)
      switch register.register.content {
      case .requested, .magnitude: requested = value
      case .charging: charging = value
      case .discharging: discharging = value
      case .byDirection(let charge, let discharge, let idle):
        let meant = [(charge, 1), (discharge, -1), (idle, 0)].filter { $0.0 == count }.map(\.1)
        directions = (directions ?? [0, 1, -1]).filter { meant.contains(Int($0)) }
      case .constant(let wanted): if count != wanted { return nil }
      case .timeoutSeconds: break
      }
    }
    let value = requested ?? charging - discharging
    guard let directions else { return value }
    return (directions.first { $0 != 0 } ?? directions.first).map { abs(value) * $0 }
  }
}
