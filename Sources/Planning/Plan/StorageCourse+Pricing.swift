extension StorageCourse {
  /// What `power` more in each slot alone would cost, added to `costs`, times `weight`.
  ///
  /// Exact for one slot: the draw is met by the cheapest of what is thrown away, export, charging
  /// less, giving more now and less later, having given less before, and import.
  func addCosts(
    of power: Int64, weight: Int64, in slots: Range<Int>, to costs: UnsafeMutablePointer<Int64>
  ) {
    if model.sunPremium > 0 {
      for slot in slots {
        let drawn = draws[slot]
        costs[slot] += weight * (shade(drawn + power, slot) - shade(drawn, slot))
      }
    }
    guard let storage else {
      for slot in slots {
        let grid = grids[slot]
        costs[slot] +=
          weight * (model.gridCost(grid + power, slot) - model.gridCost(grid, slot))
      }
      return
    }
    guard storage.isSteered else {
      return addOwnCosts(of: power, weight: weight, in: slots, to: costs, storage)
    }
    for slot in slots { costs[slot] += weight * cost(of: power, slot, storage) }
  }

  private func cost(of power: Int64, _ slot: Int, _ storage: StorageModel) -> Int64 {
    var grid = grids[slot]
    var out = given[slot]
    let limit = storage.dischargeLimits[slot]
    let importPrice = model.importPrices[slot]
    // Nothing but import is left: the common case by night.
    if grid >= 0, out >= limit { return power * importPrice }
    var later = ConcaveWalk(ahead, slot + 1, at: stored[slot + 1], isDown: true)
    var before = ConcaveWalk(behind, slot, at: storage.capacity - stored[slot], isDown: true)
    var need = power
    var cost: Int64 = 0
    while need > 0 {
      let price: Int64
      var width: Int64
      if grid < -model.exportLimit {
        price = model.spillPrices[slot]
        width = -model.exportLimit - grid
      } else if grid < 0 {
        price = model.exportPrices[slot]
        width = -grid
      } else {
        price = importPrice
        width = need
      }
      let takesLater = later.width > 0 && (before.width == 0 || later.slope <= before.slope)
      if out < limit, takesLater || before.width > 0 {
        let slope = takesLater ? later.slope : before.slope
        let stored = takesLater ? later.width : before.width
        let isCharging = out < 0
        let worth = isCharging ? slope * storage.efficiency / 1000 : slope + storage.wear
        if worth < price {
          var taken = isCharging ? min(stored * 1000 / storage.efficiency + 1, -out) : stored
          taken = min(taken, need, limit - out)
          cost += taken * worth
          need -= taken
          out += taken
          let used = isCharging ? storage.stored(of: taken) : taken
          if takesLater { later.take(used) } else { before.take(used) }
          continue
        }
      }
      width = min(width, need)
      cost += width * price
      need -= width
      grid += width
    }
    return cost
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

  /// The mirror image of `cost(of:)`: what is freed goes where it is worth most.
  private func saving(of power: Int64, _ slot: Int, _ storage: StorageModel) -> Int64 {
    var grid = grids[slot]
    var out = given[slot]
    let limit = -storage.chargeLimits[slot]
    var later = ConcaveWalk(ahead, slot + 1, at: stored[slot + 1], isDown: false)
    var before = ConcaveWalk(behind, slot, at: storage.capacity - stored[slot], isDown: false)
    var left = power
    var saved: Int64 = 0
    while left > 0 {
      let price: Int64
      var width: Int64
      if grid > 0 {
        price = model.importPrices[slot]
        width = grid
      } else if grid > -model.exportLimit {
        price = model.exportPrices[slot]
        width = grid + model.exportLimit
      } else {
        price = model.spillPrices[slot]
        width = left
      }
      let takesLater = later.width > 0 && (before.width == 0 || later.slope >= before.slope)
      if out > limit, takesLater || before.width > 0 {
        let slope = takesLater ? later.slope : before.slope
        let stored = takesLater ? later.width : before.width
        let isGiving = out > 0
        let worth = isGiving ? slope + storage.wear : slope * storage.efficiency / 1000
        if worth > price {
          var put = isGiving ? min(stored, out) : stored * 1000 / storage.efficiency + 1
          put = min(put, left, out - limit)
          saved += put * worth
          left -= put
          out -= put
          let used = isGiving ? put : storage.stored(of: put)
          if takesLater { later.take(used) } else { before.take(used) }
          continue
        }
      }
      width = min(width, left)
      saved += width * price
      left -= width
      grid -= width
    }
    return saved
  }
}
