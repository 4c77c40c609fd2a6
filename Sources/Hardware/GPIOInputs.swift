import Sites

/// The lines that the GPIO thread alone uses: pulse inputs, the button, the light.
///
/// An input that stopped telling edges is taken anew, at most once in ten seconds.
struct GPIOInputs {
  /// An input line and what it belongs to.
  enum Source: Hashable {
    case meter(Int)
    case button
  }

  /// How long to wait before a lost line is looked for again.
  static let retryNanoseconds: Int64 = 10_000_000_000

  private let plan: GPIOPlan
  private(set) var open: [(source: Source, line: GPIOLine)] = []
  private(set) var light: GPIOLine?
  private var retryAt: Int64?

  init(_ plan: GPIOPlan, in chips: [GPIOChip]) throws(GPIOError) {
    self.plan = plan
    for index in plan.meters.indices {
      do throws(GPIOError) { open.append((.meter(index), try line(.meter(index), chips))) } catch {
        throw GPIOError("pulse meter \(plan.meters[index].name): \(error)")
      }
    }
    if plan.button != nil {
      do throws(GPIOError) { open.append((.button, try line(.button, chips))) } catch {
        throw GPIOError("button: \(error)")
      }
    }
    if let place = plan.light {
      do throws(GPIOError) { light = try GPIOLine(output: place, in: chips) } catch {
        throw GPIOError("light: \(error)")
      }
    }
  }

  private func line(_ source: Source, _ chips: [GPIOChip]) throws(GPIOError) -> GPIOLine {
    switch source {
    case .meter(let index):
      let meter = plan.meters[index]
      return try GPIOLine(edges: meter.line, pull: meter.pull, in: chips)
    case .button:
      guard let button = plan.button else { throw GPIOError("no button is configured") }
      return try GPIOLine(edges: button, pull: button.isActiveLow ? .up : .down, in: chips)
    }
  }

  func name(_ source: Source) -> String {
    switch source {
    case .meter(let index): plan.meters[index].name
    case .button: "button"
    }
  }

  /// Gives up a line that no longer works.
  mutating func lose(_ source: Source, atNanoseconds now: Int64) {
    open.removeAll { $0.source == source }
    if retryAt == nil { retryAt = now + Self.retryNanoseconds }
  }

  /// When lost lines are looked for again; nil while none is lost.
  var deadline: Int64? { retryAt }

  /// Takes lost lines anew, when it is time; those that are back.
  mutating func retake(atNanoseconds now: Int64) -> [Source] {
    guard let retryAt, now >= retryAt else { return [] }
    let all = plan.meters.indices.map { Source.meter($0) } + (plan.button == nil ? [] : [.button])
    let lost = all.filter { source in !open.contains { $0.source == source } }
    var back: [Source] = []
    if let chips = try? GPIOChip.all() {
      for source in lost {
        guard let line = try? line(source, chips) else { continue }
        open.append((source, line))
        back.append(source)
      }
    }
    self.retryAt = back.count == lost.count ? nil : now + Self.retryNanoseconds
    return back
  }
}
