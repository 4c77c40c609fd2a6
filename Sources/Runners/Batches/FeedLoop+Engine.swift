/// Whether the engine is there, and what it is.
extension FeedLoop {
  func startProbe() {
    guard probe == nil, watch.nextProbeMilliseconds <= now else { return }
    ask(EngineProbe(configuredSlots: engine.slots))
  }

  private func ask(_ next: EngineProbe) {
    probe = next
    do throws(RunnerError) {
      try begin(Transfer(.probe, engine: engine, path: next.path, quick: true))
    } catch {
      probe = nil
      setUnavailable(error.message)
    }
  }

  func takeProbe(_ ending: TransferEnding) {
    guard var asked = probe else { return }
    probe = nil
    switch asked.take(ending) {
    case .ask: ask(asked)
    case .ready(let slots, let name, let kind, let isAsleep):
      model.take(isAsleep: isAsleep)
      // One that refused to wake is there again when the next try is due.
      guard !isAsleep || model.wakeDueMilliseconds <= now else {
        return setUnavailable("it sleeps and can't be woken")
      }
      update { $0.take(ready: slots, name: name, kind: kind, at: now) }
    case .unavailable(let reason): setUnavailable(reason)
    }
  }

  func setUnavailable(_ reason: String) {
    let words = SystemText.printable("\(engine.address): \(reason)", limit: 100)
    update { $0.take(unavailable: words, at: now) }
  }

  private func update(_ change: (inout EngineWatch) -> Void) {
    let before = watch.state
    change(&watch)
    if watch.state != before { handler(.engine(watch.state)) }
  }
}
