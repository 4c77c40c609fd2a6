import Quantities
import Sites

/// Writing what a device is to do, and making sure that it took it.
extension DeviceSession {
  /// Looks at what was written so often, because some devices answer before they have done it.
  private static let readBacks = 3
  private static let readBackPause = Duration.milliseconds(300)

  /// What can be steered of the device; one that is discovered is asked first.
  public func controls() async throws(ModbusError) -> [DeviceControl] {
    switch map {
    case .profile(let profile):
      return profile.controls.map { $0.ordered(profile.manners.wordOrder) }
    case .sunSpec: return try await sunSpecControls()
    }
  }

  /// Carries out `order`: reads what is held if it spares the flash, writes, and reads back.
  ///
  /// Nothing is ever written twice here: what to do about a failure is decided by who knows more.
  ///
  /// - Parameter isVoid: whether it is too late for the order; asked before anything is done, and
  ///   again when the bus has had its turn for it: others on it may have taken long.
  public func perform(
    _ order: SteeringOrder, isVoid: @Sendable () -> Bool = { false }
  ) async -> SteeringResult {
    let tooLate = SteeringResult.notWritten(reason: "the order came too late")
    if isVoid() { return tooLate }
    do throws(ModbusError) { try await bus.connect(pace: pace) } catch {
      return .notWritten(reason: error.message)
    }
    var writes = order.writes
    if order.spares {
      do throws(ModbusError) { writes = try await unheld(writes) } catch {
        return .notWritten(reason: error.message)
      }
      if writes.isEmpty { return .held }
    }
    if isVoid() { return tooLate }
    for (index, write) in writes.enumerated() {
      do throws(ModbusError) {
        try await bus.write(write.words, at: write.address, unit: unit, pace: pace)
      } catch {
        if case .refused = error.code { return .refused(reason: error.message) }
        let isNothingWritten = index == 0 && !error.mayHaveArrived
        return isNothingWritten
          ? .notWritten(reason: error.message) : .uncertain(reason: error.message)
      }
    }
    return await readBack(writes)
  }

  /// The writes whose registers hold something else, or can't be read.
  private func unheld(_ writes: [RegisterWrite]) async throws(ModbusError) -> [RegisterWrite] {
    var result: [RegisterWrite] = []
    for write in writes {
      let held = try await held(by: write)
      if held.map({ write.isHeld(in: $0) }) != true { result.append(write) }
    }
    return result
  }

  /// Nil where the device does not let its registers be read.
  private func held(by write: RegisterWrite) async throws(ModbusError) -> [UInt16]? {
    do throws(ModbusError) {
      return try await bus.read(write.span, unit: unit, pace: pace)
    } catch {
      guard case .refused = error.code else { throw error }
      return nil
    }
  }

  private func readBack(_ writes: [RegisterWrite]) async -> SteeringResult {
    var difference = ""
    for attempt in 1...Self.readBacks {
      var open: [RegisterWrite] = []
      for write in writes {
        do throws(ModbusError) {
          guard let held = try await held(by: write), !write.isHeld(in: held) else { continue }
          difference =
            "\(device) was given \(write.words) at \(write.address) and holds \(held)"
          open.append(write)
        } catch {
          return .uncertain(reason: error.message)
        }
      }
      if open.isEmpty { return .written }
      if attempt < Self.readBacks { try? await Task.sleep(for: Self.readBackPause) }
    }
    return .refused(reason: difference)
  }
}
