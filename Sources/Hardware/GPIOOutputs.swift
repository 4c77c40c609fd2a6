import Sites

/// The relays' lines, each taken anew after it failed.
struct GPIOOutputs {
  private let plans: [GPIOPlan.Relay]
  private var lines: [String: GPIOLine] = [:]
  /// Nothing is taken anew once the node stops.
  private var isClosed = false

  init(_ plans: [GPIOPlan.Relay], in chips: [GPIOChip]) throws(GPIOError) {
    self.plans = plans
    for relay in plans { lines[relay.name] = try Self.open(relay, in: chips) }
  }

  private static func open(
    _ relay: GPIOPlan.Relay, in chips: [GPIOChip]
  ) throws(GPIOError) -> GPIOLine {
    do throws(GPIOError) { return try GPIOLine(output: relay.line, in: chips) } catch {
      throw GPIOError("relay \(relay.name): \(error)")
    }
  }

  mutating func turn(_ name: String, on isOn: Bool) throws(GPIOError) {
    guard let relay = plans.first(where: { $0.name == name }) else {
      throw GPIOError("no relay is named \(name)")
    }
    guard !isClosed else { throw GPIOError("relay \(name): the node stops") }
    let line: GPIOLine
    if let held = lines[name] {
      line = held
    } else {
      line = try Self.open(relay, in: try GPIOChip.all())
    }
    lines[name] = nil
    try line.set(isOn)
    lines[name] = line
  }

  /// Switches all off and gives the lines back.
  mutating func close() {
    for relay in plans {
      do throws(GPIOError) { try lines[relay.name]?.set(false) } catch { continue }
    }
    lines = [:]
    isClosed = true
  }
}
