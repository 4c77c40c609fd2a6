/// What one slot's grid and limits make of energy taken from the battery, as pieces of falling
/// slope from the strongest charge to the strongest discharge.
///
/// All of it lies behind pointers, so that filling it again and again needs no exclusive access.
struct SlotSupply: ~Copyable {
  let slopes: UnsafeMutablePointer<Int64>
  let widths: UnsafeMutablePointer<Int64>
  /// Whether a piece goes before what is stored when both are worth the same: giving what the
  /// house lacks does, giving to the grid and taking less do not.
  let goesFirst: UnsafeMutablePointer<Bool>
  private let counters: UnsafeMutablePointer<Int64>

  /// Pieces in use, at most six.
  @inline(__always) private(set) var count: Int {
    get { Int(counters[0]) }
    nonmutating set { counters[0] = Int64(newValue) }
  }

  /// The least that can be taken out: minus what the strongest charge stores; ≤ 0.
  @inline(__always) private(set) var least: Int64 {
    get { counters[1] }
    nonmutating set { counters[1] = newValue }
  }

  init() {
    slopes = .allocate(capacity: 8)
    widths = .allocate(capacity: 8)
    goesFirst = .allocate(capacity: 8)
    slopes.initialize(repeating: 0, count: 8)
    widths.initialize(repeating: 0, count: 8)
    goesFirst.initialize(repeating: false, count: 8)
    counters = .allocate(capacity: 2)
    counters.initialize(repeating: 0, count: 2)
  }

  deinit {
    slopes.deallocate()
    widths.deallocate()
    goesFirst.deallocate()
    counters.deallocate()
  }

  /// - Parameter grid: what the grid would give were the battery still, + is import.
  func set(
    _ model: borrowing HouseModel, _ storage: borrowing StorageModel, slot: Int, grid: Int64
  ) {
    count = 0
    least = 0
    var charge = storage.chargeLimits[slot]
    var discharge = storage.dischargeLimits[slot]
    if !storage.isSteered {
      charge = min(charge, max(0, -grid))
      discharge = min(discharge, max(0, grid))
    } else if !storage.mayExport {
      discharge = min(discharge, max(0, grid))
    }
    guard charge > 0 || discharge > 0 else { return }
    // Where the grid turns from import to export, and to what it doesn't take.
    let bounds = (
      -charge, min(max(grid, -charge), discharge),
      min(max(grid + model.exportLimit, -charge), discharge)
    )
    let prices = (
      model.importPrices[slot], model.exportPrices[slot], model.spillPrices[slot]
    )
    add(from: bounds.0, to: bounds.1, price: prices.0, storage, isImport: true)
    add(from: bounds.1, to: bounds.2, price: prices.1, storage, isImport: false)
    add(from: bounds.2, to: discharge, price: prices.2, storage, isImport: false)
    least = -storage.stored(of: charge)
    sort()
  }

  private func add(
    from start: Int64, to end: Int64, price: Int64, _ storage: borrowing StorageModel,
    isImport: Bool
  ) {
    let charged = min(end, 0)
    if start < charged {
      // Stored, not delivered: what arrives costs more.
      slopes[count] = price * 1000 / storage.efficiency
      widths[count] = storage.stored(of: -start) - storage.stored(of: -charged)
      goesFirst[count] = false
      count += 1
    }
    let given = max(start, 0)
    if given < end {
      slopes[count] = price - storage.wear
      widths[count] = end - given
      goesFirst[count] = isImport
      count += 1
    }
  }

  /// Slopes fall already where prices are convex and positive; a negative price stored dearer than
  /// it is given is the exception.
  private func sort() {
    var index = 1
    while index < count {
      var place = index
      while place > 0 && slopes[place] > slopes[place - 1] {
        swap(place, place - 1)
        place -= 1
      }
      index += 1
    }
  }

  private func swap(_ left: Int, _ right: Int) {
    (slopes[left], slopes[right]) = (slopes[right], slopes[left])
    (widths[left], widths[right]) = (widths[right], widths[left])
    (goesFirst[left], goesFirst[right]) = (goesFirst[right], goesFirst[left])
  }
}
