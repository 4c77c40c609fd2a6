import Sites

/// Finds the models of a SunSpec device by walking its list.
struct SunSpecScan {
  let bus: ModbusBus
  let unit: UInt8

  /// The device's models in its order, and what its texts say.
  ///
  /// An address that the device refuses is an answer of the walk; any other fault ends it.
  func device() async throws(ModbusError) -> SunSpecDevice {
    var walk = SunSpecWalk()
    while true {
      switch walk.step {
      case .read(let span): walk.take(try await answer(to: span))
      case .found(let device): return device
      case .absent:
        throw ModbusError(
          .unexpected,
          "no SunSpec in unit \(unit) at \(bus.endpoint); "
            + SunSpecQuirks.advice(unit: unit))
      case .endless:
        throw ModbusError(
          .unexpected,
          "more than \(SunSpecModel.maximumCount) SunSpec models in unit \(unit) at "
            + "\(bus.endpoint): its list of models is broken")
      }
    }
  }

  private func answer(to span: RegisterSpan) async throws(ModbusError) -> SunSpecWalk.Answer {
    do throws(ModbusError) {
      return .words(try await bus.read(span, unit: unit))
    } catch {
      guard error.code == .refused(2) || error.code == .refused(3) else { throw error }
      return .refused
    }
  }
}
