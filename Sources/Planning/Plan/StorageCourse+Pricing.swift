extension StorageCourse {
  /// What `power` more in each slot alone would cost, added to `costs`, times `weight`.
  ///
  /// Exact for one slot: the draw is met by the cheapest of what is thrown away, export, charging
  /// less, giving more now and less later, having given less before, and import.
  func addCosts(
    of power: Int64, weight: Int64, in slots: Range<Int>, to costs: UnsafeMutablePointer<Int64>
  ) {
    if model.sunPremium > 0 {
      for slot in slots where costs[slot] < JobPlacement.blocked {
        let drawn = draws[slot]
        costs[slot] += weight * (shade(drawn + power, slot) - shade(drawn, slot))
      }
    }
    guard let storage else {
      for slot in slots where costs[slot] < JobPlacement.blocked {
        let grid = grids[slot]
        costs[slot] +=
          weight * (model.gridCost(grid + power, slot) - model.gridCost(grid, slot))
      }
      return
    }
    guard storage.isSteered else {
      return addOwnCosts(of: power, weight: weight, in: slots, to: costs, storage)
    }
    for slot in slots where costs[slot] < JobPlacement.blocked {
      costs[slot] += weight * cost(of: power, slot, storage)
    }
  }

  private func cost(of power: Int64, _ slot: Int, _ storage: StorageModel) -> Int64 {
    // Nothing but import is left: the common case by night.
    if grids[slot] >= 0, given[slot] >= storage.dischargeLimits[slot] {
      return power * model.importPrices[slot]
    }
    var cost: Int64 = 0
    meet(power, slot) { width, price in cost += width * price }
    return cost
  }

  /// Meets a draw by the cheapest of what a slot has, and hands each width with its price to `pay`.
  @inline(__always) func meet(_ power: Int64, _ slot: Int, pay: (Int64, Int64) -> Void) {
    guard let storage else { return meetByGrid(power, slot, pay: pay) }
    var grid = grids[slot]
    var out = given[slot]
    let limit = storage.dischargeLimits[slot]
    var later = ConcaveWalk(ahead, slot + 1, at: stored[slot + 1], isDown: true)
    var before = ConcaveWalk(behind, slot, at: storage.capacity - stored[slot], isDown: true)
    var need = power
    while need > 0 {
      let takesLater = later.width > 0 && (before.width == 0 || later.slope <= before.slope)
      let (price, width) = byGrid(need, slot, grid: grid)
      if out < limit, takesLater || before.width > 0 {
        let slope = takesLater ? later.slope : before.slope
        let stored = takesLater ? later.width : before.width
        let isCharging = out < 0
        let worth = isCharging ? slope * storage.efficiency / 1000 : slope + storage.wear
        if worth < price {
          var taken = isCharging ? min(stored * 1000 / storage.efficiency + 1, -out) : stored
          taken = min(taken, need, limit - out)
          pay(taken, worth)
          need -= taken
          out += taken
          let used = isCharging ? storage.stored(of: taken) : taken
          if takesLater { later.take(used) } else { before.take(used) }
          continue
        }
      }
      pay(width, price)
      need -= width
      grid += width
    }
  }

  @inline(__always) private func meetByGrid(
    _ power: Int64, _ slot: Int, pay: (Int64, Int64) -> Void
  ) {
    var grid = grids[slot]
    var need = power
    while need > 0 {
      let (price, width) = byGrid(need, slot, grid: grid)
      pay(width, price)
      need -= width
      grid += width
    }
  }

  /// The grid's price for the next of a draw, and how much it holds for.
  @inline(__always) private func byGrid(
    _ need: Int64, _ slot: Int, grid: Int64
  ) -> (price: Int64, width: Int64) {
    if grid < -model.exportLimit {
      return (model.spillPrices[slot], min(need, -model.exportLimit - grid))
    }
    if grid < 0 { return (model.exportPrices[slot], min(need, -grid)) }
    return (model.importPrices[slot], need)
  }

  /// What `power` less in each slot alone would save, added to `costs`, times `weight`.
  func addSavings(
    of power: Int64, weight: Int64, in slots: [Int], to costs: UnsafeMutablePointer<Int64>
  ) {
    for slot in slots {
      let grid = grids[slot]
      let drawn = draws[slot]
      costs[slot] += weight * (shade(drawn, slot) - shade(drawn - power, slot))
      if let storage {
        costs[slot] += weight * saving(of: power, slot, storage)
      } else {
        costs[slot] +=
          weight * (model.gridCost(grid, slot) - model.gridCost(grid - power, slot))
      }
    }
  }

  private func saving(of power: Int64, _ slot: Int, _ storage: StorageModel) -> Int64 {
    var saved: Int64 = 0
    free(power, slot) { width, price in saved += width * price }
    return saved
  }

  /// The mirror image of `meet`: what is freed goes where it is worth most.
  @inline(__always) func free(_ power: Int64, _ slot: Int, pay: (Int64, Int64) -> Void) {
    guard let storage else { return freeToGrid(power, slot, pay: pay) }
    var grid = grids[slot]
    var out = given[slot]
    let limit = -storage.chargeLimits[slot]
    var later = ConcaveWalk(ahead, slot + 1, at: stored[slot + 1], isDown: false)
    var before = ConcaveWalk(behind, slot, at: storage.capacity - stored[slot], isDown: false)
    var left = power
    while left > 0 {
      let (price, width) = toGrid(left, slot, grid: grid)
      let takesLater = later.width > 0 && (before.width == 0 || later.slope >= before.slope)
      if out > limit, takesLater || before.width > 0 {
        let slope = takesLater ? later.slope : before.slope
        let stored = takesLater ? later.width : before.width
        let isGiving = out > 0
        let worth = isGiving ? slope + storage.wear : slope * storage.efficiency / 1000
        if worth > price {
          var put = isGiving ? min(stored, out) : stored * 1000 / storage.efficiency + 1
          put = min(put, left, out - limit)
          pay(put, worth)
          left -= put
          out -= put
          let used = isGiving ? put : storage.stored(of: put)
          if takesLater { later.take(used) } else { before.take(used) }
          continue
        }
      }
      pay(width, price)
      left -= width
      grid -= width
    }
  }

  @inline(__always) private func freeToGrid(
    _ power: Int64, _ slot: Int, pay: (Int64, Int64) -> Void
  ) {
    var grid = grids[slot]
    var left = power
    while left > 0 {
      let (price, width) = toGrid(left, slot, grid: grid)
      pay(width, price)
      left -= width
      grid -= width
    }
  }

  @inline(__always) private func toGrid(
    _ left: Int64, _ slot: Int, grid: Int64
  ) -> (price: Int64, width: Int64) {
    if grid > 0 { return (model.importPrices[slot], min(left, grid)) }
    if grid > -model.exportLimit {
      return (model.exportPrices[slot], min(left, grid + model.exportLimit))
    }
    return (model.spillPrices[slot], left)
  }
}
