import Dispatch
import Quantities

/// Looks for new prices and weather every few seconds, on a queue of its own: the web may be slow.
final class OutlookWatch: Sendable {
  static let interval = TimeSpan(seconds: 10)

  /// Used on the timer's queue alone.
  private struct Desks {
    var prices: PriceDesk?
    var weather: WeatherDesk?
  }

  // Safe: never replaced, and used from outside its own queue only to cancel it, which libdispatch
  // allows from any thread; its Linux overlay lacks the annotation.
  private nonisolated(unsafe) let timer: any DispatchSourceTimer

  /// Nil for a household that has neither a price list nor a weather source.
  init?(_ configuration: Configuration, clock: NodeClock, queue: EventQueue, journal: Journal) {
    guard configuration.priceList != nil || configuration.weather != nil else { return nil }
    timer = DispatchSource.makeTimerSource(queue: DispatchQueue(label: "outlook"))
    var desks = Desks(
      prices: configuration.priceList.map {
        PriceDesk(path: $0, tariff: configuration.tariff, journal: journal)
      },
      weather: configuration.weather.map { WeatherDesk($0, journal: journal) })
    timer.setEventHandler {
      desks.prices?.turn(at: clock.now()) { queue.offer($0) }
      desks.weather?.turn(at: clock.now(), uptime: NodeClock.uptime()) { queue.offer($0) }
    }
    timer.schedule(
      deadline: .now(), repeating: .milliseconds(Int(Self.interval.milliseconds)),
      leeway: .seconds(1))
    timer.activate()
  }

  func stop() { timer.cancel() }
}
