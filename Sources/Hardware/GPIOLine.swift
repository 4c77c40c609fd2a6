import CGPIO
import Glibc
import Sites

/// One line that this process holds; the kernel takes it back with the object.
///
/// No two threads use one object at once: whoever owns it sees to that.
final class GPIOLine {
  private static let user = "heliograph"
  private let line: UnsafeMutablePointer<heliograph_gpio_line>
  private let what: String

  /// An output, inactive from the first moment.
  init(output line: GPIOPlan.Line, in chips: [GPIOChip]) throws(GPIOError) {
    let (path, offset) = try line.place.find(in: chips)
    what = "\(line.place)"
    guard
      let opened = heliograph_gpio_request_output(
        path, UInt32(offset), Self.user, line.isActiveLow)
    else { throw GPIOError.system("\(line.place) can't be had as an output", errno) }
    self.line = opened
  }

  /// An input whose edges are told.
  init(
    edges line: GPIOPlan.Line, pull: GPIOPlan.Pull, in chips: [GPIOChip]
  ) throws(GPIOError) {
    let (path, offset) = try line.place.find(in: chips)
    what = "\(line.place)"
    let bias: Int32
    switch pull {
    case .none: bias = HELIOGRAPH_GPIO_PULL_NONE
    case .up: bias = HELIOGRAPH_GPIO_PULL_UP
    case .down: bias = HELIOGRAPH_GPIO_PULL_DOWN
    }
    guard
      let opened = heliograph_gpio_request_edges(
        path, UInt32(offset), Self.user, line.isActiveLow, bias)
    else { throw GPIOError.system("\(line.place) can't be had as an input with edges", errno) }
    self.line = opened
  }

  deinit { heliograph_gpio_release(line) }

  /// Makes an output active or inactive.
  func set(_ isActive: Bool) throws(GPIOError) {
    guard heliograph_gpio_set(line, isActive) == 0 else {
      throw GPIOError.system("\(what) can't be switched", errno)
    }
  }

  /// What to poll for edges.
  var descriptor: Int32 { heliograph_gpio_descriptor(line) }

  /// The edges that wait, at most 64; waits where there are none, so poll first.
  func readEdges() throws(GPIOError) -> [LineEdge] {
    var edges = [heliograph_gpio_edge](
      repeating: heliograph_gpio_edge(), count: Int(HELIOGRAPH_GPIO_EDGES))
    let count = heliograph_gpio_read_edges(line, &edges)
    guard count >= 0 else { throw GPIOError.system("\(what) tells no edges any more", errno) }
    let isNumbered = heliograph_gpio_major() > 1
    return edges.prefix(Int(count)).map {
      LineEdge(
        nanoseconds: Int64(truncatingIfNeeded: $0.nanoseconds), isActive: $0.active,
        number: isNumbered ? $0.number : nil)
    }
  }
}

/// The clock of the edges' times, in nanoseconds.
func monotonicNanoseconds() -> Int64 {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}
