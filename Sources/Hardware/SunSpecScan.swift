import Sites

/// Finds the models of a SunSpec device by walking its list.
struct SunSpecScan {
  let bus: ModbusBus
  let unit: UInt8

  /// The device's models in its order.
  ///
  /// The identity and the length of each are read apart, because some devices leave out the length
  /// behind the end marker. An address that the device refuses ends the list, as on devices that
  /// have no end marker.
  func models() async throws(ModbusError) -> [SunSpecModel] {
    for base in SunSpecModel.bases {
      guard try await words(2, at: base) == SunSpecModel.marker else { continue }
      return try await walk(from: base + 2)
    }
    throw ModbusError(
      .unexpected,
      "no SunSpec in unit \(unit) at \(bus.endpoint); "
        + "check the unit number, or switch SunSpec on there")
  }

  private func walk(from start: Int) async throws(ModbusError) -> [SunSpecModel] {
    var models: [SunSpecModel] = []
    var address = start
    while address + 2 <= 65536, let id = try await words(1, at: address)?.first,
      id != SunSpecModel.end
    {
      guard models.count < SunSpecModel.maximumCount else {
        throw ModbusError(
          .unexpected,
          "more than \(SunSpecModel.maximumCount) SunSpec models in unit \(unit) at "
            + "\(bus.endpoint): its list of models is broken")
      }
      guard let length = try await words(1, at: address + 1)?.first else { break }
      let model = SunSpecModel(id: id, address: address, length: Int(length))
      models.append(model)
      address = model.next
    }
    return models
  }

  /// Nil where the device has no such address.
  private func words(_ count: Int, at address: Int) async throws(ModbusError) -> [UInt16]? {
    do throws(ModbusError) {
      let span = RegisterSpan(table: .holding, address: address, count: count)
      return try await bus.read(span, unit: unit)
    } catch {
      guard error.code == .refused(2) else { throw error }
      return nil
    }
  }
}
