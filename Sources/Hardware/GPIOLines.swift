import Glibc
import Sites
import Synchronization

/// All GPIO lines of a node: relays are switched, pulses counted, a button read, a light blinked.
///
/// One thread waits for edges and blinks the light; relays are switched by whoever asks, one at a
/// time. When the process ends, however it ends, the kernel takes the lines back, and what level
/// they then have is the board's affair: relay boards must be off on a floating line.
public final class GPIOLines: Sendable {
  private let outputs: Mutex<GPIOOutputs>
  private let watch: GPIOWatch
  /// The names of the pulse meters.
  public let meters: [DeviceName]
  private let report: @Sendable (GPIOReport) -> Void
  private let thread: Mutex<pthread_t?>

  /// Takes all lines of the plan, outputs inactive; throws when one of them can't be had.
  public init(
    _ plan: GPIOPlan, report: @escaping @Sendable (GPIOReport) -> Void
  ) throws(GPIOError) {
    let chips = try GPIOChip.all()
    outputs = Mutex(try GPIOOutputs(plan.relays, in: chips))
    let inputs = try GPIOInputs(plan, in: chips)
    let watch = try GPIOWatch(meters: plan.meters, report: report)
    self.watch = watch
    self.report = report
    meters = plan.meters.map(\.name)
    thread = Mutex(try Self.start(watch, inputs))
  }

  deinit { stop() }

  /// Checks that each line of the plan exists and is free, and takes none.
  public static func check(_ plan: GPIOPlan) throws(GPIOError) {
    guard !plan.isEmpty else { return }
    let chips = try GPIOChip.all()
    var uses: [String: String] = [:]
    for (use, line) in plan.lines {
      do throws(GPIOError) {
        let (path, offset) = try line.place.find(in: chips)
        if let other = uses["\(path) \(offset)"] {
          throw GPIOError("\(line.place) is \(other)'s line already")
        }
        uses["\(path) \(offset)"] = use
        let user = chips.first { $0.path == path }?.lines[offset].user
        if let user, !user.hasPrefix("heliograph") {
          throw GPIOError("\(line.place) is used by \"\(user)\"")
        }
      } catch { throw GPIOError("\(use): \(error)") }
    }
  }

  /// Switches a relay; a failure is reported.
  public func turn(_ relay: String, on isOn: Bool) {
    let failure: GPIOError? = outputs.withLock { outputs in
      do throws(GPIOError) {
        try outputs.turn(relay, on: isOn)
        return nil
      } catch { return error }
    }
    if let failure { report(.relayFailed(relay, reason: failure.description)) }
  }

  /// What the light says from now on.
  public func show(_ light: StatusLight) { watch.show(light) }

  /// Whether a pulse meter of that name is among the lines.
  public func counts(_ meter: DeviceName) -> Bool { meters.contains(meter) }

  /// What a pulse meter's counter knows; a failure while its line is gone.
  public func snapshot(_ meter: DeviceName) -> Result<PulseSnapshot, DeviceFault> {
    watch.snapshot(meter, atNanoseconds: monotonicNanoseconds())
  }

  /// Switches all relays off, then gives all lines back; safe to call again.
  public func stop() {
    outputs.withLock { $0.close() }
    let running = thread.withLock { thread in
      defer { thread = nil }
      return thread
    }
    guard let running else { return }
    watch.wake(ending: true)
    pthread_join(running, nil)
  }

  /// What the thread is given: the watch is shared, the lines are its own.
  private final class Work {
    let watch: GPIOWatch
    let inputs: GPIOInputs

    init(_ watch: GPIOWatch, _ inputs: GPIOInputs) {
      self.watch = watch
      self.inputs = inputs
    }
  }

  private static func start(
    _ watch: GPIOWatch, _ inputs: GPIOInputs
  ) throws(GPIOError) -> pthread_t {
    let work = Unmanaged.passRetained(Work(watch, inputs))
    var thread = pthread_t()
    let code = pthread_create(
      &thread, nil,
      { context in
        guard let context else { return nil }
        let work = Unmanaged<Work>.fromOpaque(context).takeRetainedValue()
        var inputs = work.inputs
        work.watch.run(&inputs)
        return nil
      }, work.toOpaque())
    guard code == 0 else {
      work.release()
      throw GPIOError.system("no thread for GPIO lines", code)
    }
    return thread
  }
}
