import Hardware
import HeliographCore
import Quantities
import Sites
import Synchronization

/// Measures what the computing side draws when the station asks.
final class ComputingSensor: Sendable {
  private let sensor: PowerSensor
  private let isBusy = Mutex(false)

  private init(_ kind: PowerSensor.Kind) { sensor = PowerSensor(kind) }

  /// The sensor that the household chose, or this machine's own where the engine runs on it; nil
  /// where there is none.
  convenience init?(_ jobs: Configuration.Jobs?) {
    guard let kind = jobs?.sensor else { return nil }
    self.init(kind)
  }

  /// One value or the reason why there is none comes back through `queue`; a question while one is
  /// out is dropped.
  func measure(_ queue: EventQueue) {
    let isFree = isBusy.withLock { busy in
      defer { busy = true }
      return !busy
    }
    guard isFree else { return }
    Task { [self] in
      let event: Event
      do throws(PowerSensor.Failure) {
        event = .computingPower(try await sensor.power())
      } catch {
        event = .computingPowerUnknown(reason: error.description)
      }
      isBusy.withLock { $0 = false }
      queue.offer(event)
    }
  }
}

extension Configuration.Jobs {
  /// Which sensor is to be asked; nil is none.
  package var sensor: PowerSensor.Kind? {
    switch powerSensor {
    case .none, .device: nil
    case .sensor(let kind): kind
    case .auto: isLocal ? PowerSensor.detect() : nil
    }
  }

  /// Whether the engine, or commands alone, run on this machine: only then is this machine's
  /// sensor the one to ask.
  private var isLocal: Bool {
    guard let engine else { return slurm == nil }
    if engine.hasPrefix("/") { return true }
    let place = engine.dropFirst("http://".count).prefix { $0 != "/" }
    return ["localhost", "127.0.0.1", "[::1]"].contains { place == $0 || place.hasPrefix($0 + ":") }
  }
}

extension Configuration.Jobs {
  /// The device that measures the engine's machine; nil where none does.
  var meteredBy: DeviceName? {
    guard case .device(let name) = powerSensor else { return nil }
    return name
  }
}

extension Configuration.PowerSensing {
  /// The word of the configuration; any that is no sensor's is a device's name.
  init(word: String) {
    switch word {
    case "auto": self = .auto
    case "none": self = .none
    default: self = PowerSensor.Kind(rawValue: word).map { .sensor($0) } ?? .device(word)
    }
  }
}
