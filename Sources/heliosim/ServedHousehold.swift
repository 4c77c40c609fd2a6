import Dispatch
import Hardware
import Quantities
import Simulation
import Sites
import Synchronization

/// A simulated household as its wires see it: answers Modbus requests, and lets its faults mar the
/// answers on their way.
final class ServedHousehold: Sendable {
  let weather: Weather
  private let household: Mutex<SimulatedHousehold>
  private let lateMilliseconds: Int
  /// Late answers wait here.
  private let later = DispatchQueue(label: "late answers")

  /// - Parameter lateMilliseconds: how long a late answer takes: more than clients wait.
  init(_ household: SimulatedHousehold, weather: Weather, lateMilliseconds: Int) {
    self.household = Mutex(household)
    self.weather = weather
    self.lateMilliseconds = lateMilliseconds
  }

  /// Lets time pass; `flexibleLoad` is what the house's machine draws from its socket from now on.
  func step(to instant: Instant, flexibleLoad: Power = .zero) {
    household.withLock {
      $0.step(to: instant, weather: weather, flexibleLoad: flexibleLoad)
    }
  }

  /// The household as it is.
  var now: SimulatedHousehold { household.withLock { $0 } }

  /// Restarts the device `unit` now if a fault said so.
  func restartIfDue(unit: UInt8) { household.withLock { $0.restartIfDue(unit: unit) } }

  /// Ends all faults.
  func heal() { household.withLock { $0.heal() } }

  /// What a server of its devices is to do with each request.
  func handler(over wire: WireFault.Wire) -> ModbusHandler {
    { [self] request, reply in
      let outcome = household.withLock { household -> SimulatedDevice.Outcome in
        if let write = request.write {
          return household.write(
            write.words, at: write.address, unit: request.unit, weather: weather)
        }
        guard let span = request.span else {
          let isKnown = [3, 4, 6, 16].contains(request.function)
          return SimulatedDevice.Outcome(.exception(isKnown ? 3 : 1))
        }
        return household.read(span, unit: request.unit)
      }
      let body: [UInt8]
      switch outcome.answer {
      case .words(let words): body = request.reply(words: words)
      case .written: body = request.replyToWrite()
      // Behind a gateway a missing unit is told of; on a line nobody speaks.
      case .exception(11) where wire == .serialLine: return reply(ServedAnswer([]))
      case .exception(let code): body = request.reply(exception: code)
      case .silence: return reply(ServedAnswer([]))
      }
      guard let fault = outcome.fault.flatMap({ WireFault(rawValue: $0.rawValue) }) else {
        return reply(request.answer(body, over: wire))
      }
      let answer = fault.mar(body, to: request, over: wire, choice: outcome.choice)
      guard fault == .late else { return reply(answer) }
      later.asyncAfter(deadline: .now() + .milliseconds(lateMilliseconds)) { reply(answer) }
    }
  }
}
