import HeliographCore
import Planning
import Quantities

/// Reads the price list when it changes and hands the station the tariff that it makes.
///
/// A list that can't be read leaves the last good one in force and is said once; so is one that has
/// come to its end.
public struct PriceDesk {
  private var file: WatchedFile
  private var tariff: Tariff
  private let journal: Journal
  private var isTroubled = false
  private var hasList = false
  /// Where the list in force ends; nil while there is none, or once that was said.
  private var end: Instant?
  /// What the station has not taken yet.
  private var owed: Tariff?

  /// `tariff` holds what the list does not say.
  public init(path: String, tariff: Tariff, journal: Journal) {
    file = WatchedFile(path: path, atMost: PriceList.maximumBytes)
    self.tariff = tariff
    self.journal = journal
  }

  /// One look at the file; `now` is the node's time, `offer` hands an event to the station, if
  /// there is room for it.
  public mutating func turn(at now: Instant, _ offer: (Event) -> Bool) {
    switch file.look() {
    case .unchanged: break
    case .unreadable(let reason): complain("\(file.path): can't be read: \(reason)")
    case .changed(let bytes):
      do throws(PriceListError) {
        let list = try PriceList(bytes, file: file.path)
        tariff.importPrices.take(list: list.importPrices)
        tariff.exportPrices.take(list: list.exportPrices)
        owed = tariff
        end = list.importPrices.last?.slot.end
        hasList = true
        if isTroubled { journal.line(.notice, "prices: \(file.path) is good again") }
        isTroubled = false
      } catch { complain("\(error)") }
    }
    if let end, end <= now {
      self.end = nil
      let text = "prices: \(file.path) ends at \(TimestampText.text(end)); until it goes on, "
      journal.line(.warning, text + "bands, plain prices or those of the days before count")
    }
    if let tariff = owed, offer(.tariff(tariff)) { owed = nil }
  }

  private mutating func complain(_ text: String) {
    isTroubled = true
    let rest = hasList ? "the last good list stays in force" : "bands and plain prices count"
    journal.line(.warning, "prices: \(text); \(rest)")
  }
}
