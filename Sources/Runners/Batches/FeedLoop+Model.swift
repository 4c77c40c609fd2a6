/// The engine's model: out of the memory when nothing needs it, back before the next request.
extension FeedLoop {
  /// Asks an engine that can do so to put its model away.
  func startUnloading() {
    guard watch.isReady, model.isThere, requestsInFlight == 0, !model.name.isEmpty,
      !jobs.contains(where: \.isFeeding)
    else { return }
    do throws(RunnerError) {
      switch watch.kind {
      case .ollama:
        let wish = JSONValue.members([
          "model": .string(model.name), "keep_alive": .integer(0), "stream": .bool(false),
        ])
        try begin(.unload, path: "/api/generate", content: wish.bytes)
      case .vLLM: try begin(.unload, path: "/sleep?level=1", content: [])
      case .llamaServer, .other: return
      }
      model.leave()
    } catch {
      // Not put away: nothing is lost but some power.
    }
  }

  func takeUnloading(_ ending: TransferEnding) {
    let isDone = if case .answer(200, _, _) = ending { true } else { false }
    model.left(isAsleep: isDone && watch.kind == .vLLM)
    if isDone { handler(.unloaded(model: SystemText.printable(model.name, limit: 40))) }
  }

  /// Wakes an engine that sleeps when a job wants it.
  func startWaking() {
    guard watch.isReady, model.isAsleep, model.wakeDueMilliseconds <= now,
      jobs.contains(where: \.isFeeding)
    else { return }
    do throws(RunnerError) {
      try begin(.wake, path: "/wake_up", content: [])
      model.wake()
    } catch {
      setUnavailable(error.message)
    }
  }

  func takeWaking(_ ending: TransferEnding) {
    if case .answer(200, _, _) = ending { return model.woke() }
    model.refusedToWake(at: now) { engine.limits.backOff(after: $0) }
    setUnavailable("it sleeps and can't be woken")
  }
}
