import HeliographCore
import Planning

/// Reads the price list when it changes and hands the station the tariff that it makes.
///
/// A list that can't be read leaves the last good one in force and is said once.
public struct PriceDesk {
  private var file: WatchedFile
  private var tariff: Tariff
  private let journal: Journal
  private var isTroubled = false
  /// What the station has not taken yet.
  private var owed: Tariff?

  /// `tariff` holds what the list does not say.
  public init(path: String, tariff: Tariff, journal: Journal) {
    file = WatchedFile(path: path, atMost: PriceList.maximumBytes)
    self.tariff = tariff
    self.journal = journal
  }

  /// One look at the file; `offer` hands an event to the station, if there is room for it.
  public mutating func turn(_ offer: (Event) -> Bool) {
    switch file.look() {
    case .unchanged: break
    case .unreadable(let reason): complain("\(file.path): can't be read: \(reason)")
    case .changed(let bytes):
      do throws(PriceListError) {
        let list = try PriceList(bytes, file: file.path)
        tariff.importPrices.take(list: list.importPrices)
        tariff.exportPrices.take(list: list.exportPrices)
        owed = tariff
        if isTroubled { journal.line(.notice, "prices: \(file.path) is good again") }
        isTroubled = false
      } catch { complain("\(error)") }
    }
    if let tariff = owed, offer(.tariff(tariff)) { owed = nil }
  }

  private mutating func complain(_ text: String) {
    isTroubled = true
    journal.line(.warning, "prices: \(text); the last good list stays in force")
  }
}
