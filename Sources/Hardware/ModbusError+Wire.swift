extension ModbusError {
  /// What `fault` means for `request` at `endpoint`, in words.
  init(_ fault: ExchangeFault, request: ModbusRequest, endpoint: ModbusEndpoint) {
    let what = "\(request.words) at \(endpoint)"
    let arrived = request.isWrite && fault.mayHaveArrived
    let write = !request.isWrite ? "" : arrived ? "; it may have arrived" : "; it was not sent"
    switch fault {
    case .gone, .lost:
      self.init(
        .unreachable, "connection lost while asking for \(what)\(write)", mayHaveArrived: arrived)
    case .silent:
      self.init(.silent, "no answer in time for \(what)\(write)", mayHaveArrived: arrived)
    case .noise:
      self.init(
        .garbled,
        "only noise came for \(what)\(write); check wiring, termination, baud and parity",
        mayHaveArrived: arrived)
    case .foreign(let mismatch):
      self.init(
        .garbled, "no Modbus answer to \(what): \(Self.words(for: mismatch))\(write)",
        mayHaveArrived: arrived)
    case .refused(let exception):
      let name = Self.name(ofException: exception)
      self.init(
        .refused(exception),
        "\(what) refused: exception \(exception), \(name); check unit and profile")
    }
  }

  private static func words(for mismatch: ModbusReply.Mismatch) -> String {
    switch mismatch {
    case .protocolIdentifier: "it is not Modbus"
    case .length: "it has another length"
    case .unit(let unit): "it is from unit \(unit)"
    case .function(let function): "it is about function \(function)"
    case .transaction(let number): "it has the number \(number) of another request"
    case .trailing: "there is more behind it"
    }
  }
}
