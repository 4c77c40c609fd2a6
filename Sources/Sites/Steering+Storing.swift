import Quantities
import Sealing

/// What steering keeps over a restart.
extension Steering {
  static let reserveKey = "steered-wish/reserve"

  static func encoded(_ share: StateOfCharge) -> [UInt8] {
    CBORValue.integer(share.permille).encoded
  }

  /// Whether what the marker speaks of was another kind of device.
  func isForeign(_ steered: SteeredControl) -> Bool {
    guard let marker = steered.marker, let present = rules.device(steered.key.device) else {
      return false
    }
    return marker.isForeign(to: present.profile)
  }

  /// Takes back what an earlier run stored; keys of others are left alone.
  ///
  /// A set-point is not taken up again: whoever typed it may have gone, and nobody knows what
  /// ended the node. Only the reserve is, which keeps more for the house, not less.
  public mutating func restore(key text: String, value: [UInt8], at now: Instant) {
    if text == Self.reserveKey {
      reserveWish = (try? CBORValue(decoding: value))?.integer
        .flatMap { (0...1000).contains($0) ? StateOfCharge(permille: $0) : nil }
    } else if let key = SteeringMarker.key(ofStored: text) {
      let index = place(key, at: now)
      // A marker that can't be read says as much as one that can: something may be held.
      controls[index].marker = SteeringMarker(decoding: value)
      // Another device has taken its place: nothing of the old one's is written there.
      guard !isForeign(controls[index]) else { return }
      if let release = controls[index].marker?.release, !release.isEmpty {
        controls[index].back = release
      }
      controls[index].hold = .unsure
      controls[index].endReason = "the node was started anew"
    } else if let key = FlashBudget.key(ofStored: text),
      let budget = FlashBudget(decoding: value)
    {
      let index = place(key, at: now)
      controls[index].budget = budget
    }
  }
}
