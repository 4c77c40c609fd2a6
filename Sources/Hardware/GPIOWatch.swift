import Glibc
import Sites
import Synchronization

/// The work of the GPIO thread: waits for edges, counts them, blinks the light.
final class GPIOWatch: Sendable {
  /// What others ask for, and what they may know.
  private struct Shared {
    var counters: [PulseCounter]
    var lost: Set<Int> = []
    var light = StatusLight.steady
    var lightSince: Int64
    var isEnding = false
  }

  private let names: [DeviceName]
  private let shared: Mutex<Shared>
  private let report: @Sendable (GPIOReport) -> Void
  private let wakeReader: Int32
  private let wakeWriter: Int32

  init(
    meters: [GPIOPlan.Meter], report: @escaping @Sendable (GPIOReport) -> Void
  ) throws(GPIOError) {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { throw GPIOError.system("no pipe for GPIO lines", errno) }
    for end in ends {
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
    }
    (wakeReader, wakeWriter) = (ends[0], ends[1])
    names = meters.map(\.name)
    self.report = report
    let now = monotonicNanoseconds()
    shared = Mutex(
      Shared(
        counters: meters.map { PulseCounter(shape: $0.shape, atNanoseconds: now) },
        lightSince: now))
  }

  deinit {
    close(wakeReader)
    close(wakeWriter)
  }

  func wake(ending: Bool = false) {
    if ending { shared.withLock { $0.isEnding = true } }
    var byte: UInt8 = 1
    _ = write(wakeWriter, &byte, 1)
  }

  func show(_ light: StatusLight) {
    let isNew = shared.withLock { shared in
      guard shared.light != light else { return false }
      shared.light = light
      shared.lightSince = monotonicNanoseconds()
      return true
    }
    if isNew { wake() }
  }

  func snapshot(
    _ meter: DeviceName, atNanoseconds now: Int64
  ) -> Result<PulseSnapshot, DeviceFault> {
    guard let index = names.firstIndex(of: meter) else {
      return .failure(.unreachable("no pulse meter is named \(meter)"))
    }
    return shared.withLock { shared in
      guard !shared.lost.contains(index) else {
        return .failure(.unreachable("its GPIO line is gone"))
      }
      return .success(shared.counters[index].snapshot(meter: meter, atNanoseconds: now))
    }
  }

  // MARK: the thread

  /// Runs until it is woken to end; then the lines go with `inputs`.
  func run(_ inputs: inout GPIOInputs) {
    var button = OperatorButton()
    while true {
      let now = monotonicNanoseconds()
      if let press = button.elapsed(atNanoseconds: now) { report(.button(press)) }
      for source in inputs.retake(atNanoseconds: now) { regain(source, inputs.name(source)) }
      let blink = blink(inputs.light, at: now)
      let deadline = [button.deadline, inputs.deadline, blink].compactMap { $0 }.min()
      var waits = [pollfd(fd: wakeReader, events: Int16(POLLIN), revents: 0)]
      waits += inputs.open.map {
        pollfd(fd: $0.line.descriptor, events: Int16(POLLIN), revents: 0)
      }
      // Rounded up: a wait that ends a moment early would turn and turn until it is time.
      let wait = deadline.map { Int32(clamping: max(0, ($0 - now) / 1_000_000 + 1)) } ?? -1
      if poll(&waits, nfds_t(waits.count), wait) < 0 {
        if errno != EINTR { usleep(100_000) }
        continue
      }
      if waits[0].revents != 0 { drain() }
      if shared.withLock({ $0.isEnding }) { break }
      for (index, opened) in inputs.open.enumerated() where waits[index + 1].revents != 0 {
        do throws(GPIOError) {
          try take(try opened.line.readEdges(), opened.source, &button)
        } catch { lose(opened.source, &inputs, error) }
      }
    }
    try? inputs.light?.set(false)
  }

  private func take(
    _ edges: [LineEdge], _ source: GPIOInputs.Source, _ button: inout OperatorButton
  ) throws(GPIOError) {
    switch source {
    case .meter(let index):
      shared.withLock { shared in for edge in edges { shared.counters[index].take(edge) } }
    case .button:
      for edge in edges {
        // A press may have become long before the edge that ends it was looked at.
        if let press = button.elapsed(atNanoseconds: edge.nanoseconds) { report(.button(press)) }
        if let press = button.take(edge) { report(.button(press)) }
      }
    }
  }

  private func lose(
    _ source: GPIOInputs.Source, _ inputs: inout GPIOInputs, _ error: GPIOError
  ) {
    let name = inputs.name(source)
    inputs.lose(source, atNanoseconds: monotonicNanoseconds())
    if case .meter(let index) = source {
      shared.withLock { shared in
        shared.lost.insert(index)
        shared.counters[index].interrupt()
      }
    }
    report(.trouble("\(name): \(error); its line is looked for every 10 s"))
  }

  private func regain(_ source: GPIOInputs.Source, _ name: String) {
    if case .meter(let index) = source {
      shared.withLock { _ = $0.lost.remove(index) }
    }
    report(.trouble("\(name): its line is back"))
  }

  private func drain() {
    var bytes = [UInt8](repeating: 0, count: 64)
    while read(wakeReader, &bytes, bytes.count) > 0 {}
  }

  /// Lights or darkens the light; when it changes next.
  private func blink(_ line: GPIOLine?, at now: Int64) -> Int64? {
    guard let line else { return nil }
    let (light, since) = shared.withLock { ($0.light, $0.lightSince) }
    let elapsed = max(0, now - since) / 1_000_000
    // A light that can't be switched is no reason to stop counting.
    try? line.set(light.isLit(afterMilliseconds: elapsed))
    guard let half = light.halfPeriodMilliseconds else { return nil }
    return since + (elapsed / half + 1) * half * 1_000_000
  }
}
