import Ledger
import Mesh
import Planning
import Quantities
import Sealing
import Sites
import Texting

/// Commands by text, and the facts that replies are made from.
extension Station {
  mutating func take(_ message: TextMessage, at now: Instant) -> [Effect] {
    if case .sms(let number) = message.origin, !configuration.readers.admits(number) {
      // Silence for strangers: an answer would tell them that a node lives here.
      return []
    }
    let command: TextCommand
    do { command = try Grammar.parse(message.text, origin: message.origin) } catch {
      return [.reply(to: message.id, text: TextReply.refusal(error))]
    }
    if let refusal = TextReply.refusal(of: command, view: view(at: now)) {
      return [.reply(to: message.id, text: refusal)]
    }
    if case .run(let request) = command {
      guard request.pay == nil else { return [.stageWork(request, replyTo: message.id)] }
      return [.stageBatch(request, replyTo: message.id)]
    }
    if let request = command.steering {
      return ask(request, of: message.id, at: now)
    }
    if case .offers = command, let text = offersText(at: now) {
      return [.reply(to: message.id, text: SMSAlphabet.fitted(text))]
    }
    if case .auto = command {
      return effects(of: steering.releaseAll(token: message.id.value, at: now), at: now)
    }
    do {
      let wasHeld = relays.isHeld
      let effects = try carryOut(command, at: now)
      if wasHeld, !relays.isHeld {
        return effects + [.reply(to: message.id, text: TextReply.released)]
      }
      return effects
        + [.reply(to: message.id, text: TextReply.reply(to: command, view: view(at: now)))]
    } catch {
      return [.reply(to: message.id, text: TextReply.refusal(error.reason))]
    }
  }

  private struct Refusal: Error { let reason: String }

  private mutating func carryOut(
    _ command: TextCommand, at now: Instant
  ) throws(Refusal) -> [Effect] {
    do {
      switch command {
      case .pause(let number):
        return effects(of: try queue.pause(number, at: now), at: now)
      case .resume(let number):
        planIsStale = true
        let relays = number == nil ? releaseRelays() : []
        return relays + effects(of: try queue.resume(number, at: now), at: now)
      case .cancel(let number):
        planIsStale = true
        return effects(of: try queue.cancel(number, at: now), at: now)
      case .relay(let name, let on):
        return effects(of: try relays.command(name, on: on, at: now), at: now)
      case .reserve(let share):
        surplus.thresholds.reserve = share
        planIsStale = true
        return [
          .store(.put(key: Self.reserveKey, value: CBORValue.integer(share.permille).encoded))
        ] + say(.surplus, "the battery now keeps \(share.percent)% for the house", at: now)
          + steer(at: now) + effects(of: steering.keepReserve(share, at: now), at: now)
      case .sell(let energy, let price, let minute):
        return try type(.offer, energy, price, minute, at: now)
      case .buy(let energy, let price, let minute):
        return try type(.bid, energy, price, minute, at: now)
      case .limit(let name, _, _), .paid(let name, _), .got(let name, _), .unpaid(let name, _),
        .waive(let name):
        return try settle(command, with: name, at: now)
      default: return []
      }
    } catch let error as PlanningError {
      throw Refusal(reason: error.message)
    } catch let error as MoneyRefusal {
      throw Refusal(reason: error.reason)
    } catch let error as RelayRefusal {
      throw Refusal(reason: error.reason)
    } catch let error as Refusal { throw error } catch {
      throw Refusal(reason: "\(error)")
    }
  }

  /// Everything that a reply may need.
  func view(at now: Instant) -> HouseholdView {
    let state = site.state(at: now)
    var view = HouseholdView(
      name: configuration.name, at: now, localTime: configuration.localTime)
    view.pvPower = state.pvPower?.value
    view.loadPower = state.loadPower?.value
    view.batteryPower = state.batteryPower?.value
    view.gridPower = state.gridPower?.value
    view.stateOfCharge = state.stateOfCharge?.value
    view.reserve = state.hasBattery ? surplus.thresholds.reserve : nil
    view.surplus =
      surplus.power(in: state, jobsPower: queue.drawing) == nil
      ? nil : surplus.state.power
    switch state.curtailment {
    case .none: view.isCurtailed = false
    case .curtailed: view.isCurtailed = true
    case .unknown: view.isCurtailed = nil
    }
    view.lostDevices = site.lost.map { .init(name: $0.device, since: $0.since) }
    view.asleepDevices = site.asleep.map { .init(name: $0.device, since: $0.since) }
    view.engine = engineText
    if case .unavailable = engine { view.lacksEngine = !keeper.isAtRest }
    view.isTrading = configuration.market.enabled
    view.jobs = jobViews(at: now)
    view.isPaused =
      !queue.jobs.isEmpty && queue.jobs.filter(\.isLive).allSatisfy(\.isPaused)
      && queue.jobs.contains(where: \.isLive)
    view.relays = relayViews(at: now)
    view.isHeldOff = relays.isHeld
    view.trades = trades()
    view.neighbours = configuration.neighbours.sorted { $0.name < $1.name }.map(neighbour)
    view.decisions = log.decisions.reversed()
    view.day = dayView
    view.steered = steering.states
    view.plan = plan
    view.batteryCapacity = configuration.battery?.capacity
    view.storageTrouble = storageTrouble
    return view
  }

  private func trades() -> [HouseholdView.Trade] {
    let own = ledger.ownKey
    let contracts = ledger.accounts.contracts(of: own, latest: 10)
    return contracts.compactMap(EnergyContract.init).compactMap { contract in
      guard let other = contract.counterpart(of: own) else { return nil }
      let settlement = contract.settlement
      return HouseholdView.Trade(
        neighbour: trader.name(of: other), direction: contract.seller == own ? .sold : .bought,
        energy: settlement?.energy ?? contract.energy,
        amount: settlement?.amount ?? contract.price.cost(of: contract.energy),
        slotStart: contract.slot.start, status: word(for: contract))
    }
  }

  private func word(for contract: EnergyContract) -> String {
    if trader.disputes(contract.identifier) { return "disputed" }
    switch contract.stage {
    case .accepted: return "asked"
    case .confirmed: return "confirmed"
    case .bound, .committed, .picked: return "agreed"
    case .settled: return "to acknowledge"
    case .disputed: return "disputed"
    case .acknowledged: return "settled"
    case .cancelled: return "cancelled"
    }
  }

  private func neighbour(_ neighbour: Mesh.Neighbour) -> HouseholdView.Neighbour {
    let limit = ledger.accounts.limit(creditor: ledger.ownKey, debtor: neighbour.key)
    return HouseholdView.Neighbour(
      name: neighbour.name,
      balance: ledger.accounts.balance(of: ledger.ownKey, with: neighbour.key),
      limit: limit > .zero ? limit : nil, isLinked: gossip.isLinked(neighbour.key),
      lastSeen: gossip.lastSeen(neighbour.key))
  }

  private var dayView: HouseholdView.Day {
    var result = HouseholdView.Day()
    result.energyUsedByJobs = queue.day.energyUsed
    result.surplusUsedByJobs = queue.day.surplusUsed
    result.requestsCompleted = queue.day.requestsCompleted
    result.requestsFailed = queue.day.requestsFailed
    result.timesPaused = queue.day.timesPaused
    result.energySold = day.energySold
    result.energyBought = day.energyBought
    result.creditsEarned = day.creditsEarned
    result.creditsSpent = day.creditsSpent
    result.exported = day.exportedToday
    result.imported = day.importedToday
    result.tradesSettled = day.tradesSettled
    return result
  }
}

extension Planning.Job {
  fileprivate var isPaused: Bool { status == .paused || ownerPaused }
}
