/// Finds a SunSpec device's models: asks for registers one request at a time.
///
/// It does no reading of its own. Read what `step` wants, hand over the answer, and so on until
/// `step` is an end. Each answer moves the walk forward in the address space or to the next base,
/// and the number of models is limited, so that no device can keep it going.
///
/// The identity and the length of each model are read apart, because some devices leave out the
/// length behind the end marker. Besides that marker an identity of zero ends the list (Kostal:
/// github.com/sunspec/models, issue 44) and an address that the device refuses (SMA:
/// github.com/bikeshedder/sunspec, pull request 20).
public struct SunSpecWalk: Hashable, Sendable {
  /// What the device said to a request.
  public enum Answer: Hashable, Sendable {
    case words([UInt16])
    /// It has no such address (Modbus exceptions 2 and 3).
    case refused
  }

  /// What to do next.
  public enum Step: Hashable, Sendable {
    case read(RegisterSpan)
    case found(SunSpecDevice)
    /// No marker at any of the places.
    case absent
    /// More models than any device has.
    case endless
  }

  private enum Position: Hashable {
    case marker(Int)
    case identity(Int)
    case length(Int, id: UInt16)
    case nameplate(SunSpecModel)
  }

  public private(set) var step: Step
  private var position: Position
  private var device = SunSpecDevice()
  /// The most texts of model 1 that are read: the device and the meters wired to it.
  private static let maximumNameplates = 8

  public init() {
    position = .marker(0)
    step = .read(RegisterSpan(table: .holding, address: SunSpecModel.bases[0], count: 2))
  }

  /// Takes the answer to the request of `step`; nothing once the walk is over.
  public mutating func take(_ answer: Answer) {
    guard case .read(let request) = step else { return }
    var words: [UInt16]?
    if case .words(let read) = answer, read.count == request.count { words = read }
    switch position {
    case .marker(let index):
      guard words != SunSpecModel.marker else {
        return seek(.identity(SunSpecModel.bases[index] + 2))
      }
      guard index + 1 < SunSpecModel.bases.count else {
        step = .absent
        return
      }
      seek(.marker(index + 1))
    case .identity(let address):
      guard let id = words?.first, id != SunSpecModel.end, id != 0 else { return finish() }
      guard device.models.count < SunSpecModel.maximumCount else {
        step = .endless
        return
      }
      seek(.length(address, id: id))
    case .length(let address, let id):
      guard let length = words?.first else { return finish() }
      let model = SunSpecModel(id: id, address: address, length: Int(length))
      device.models.append(model)
      if id == 1, !model.requests.isEmpty, device.nameplates.count < Self.maximumNameplates {
        seek(.nameplate(model))
      } else {
        seek(.identity(model.next))
      }
    case .nameplate(let model):
      if let words, words[0] == model.id, Int(words[1]) == model.length {
        device.nameplates[model.address] = SunSpecNameplate(SunSpecWords(words))
      }
      seek(.identity(model.next))
    }
  }

  private mutating func seek(_ next: Position) {
    position = next
    switch next {
    case .marker(let index): ask(SunSpecModel.bases[index], 2)
    case .identity(let address): ask(address, 1)
    case .length(let address, _): ask(address + 1, 1)
    case .nameplate(let model): ask(model.address, SunSpecNameplate.registers)
    }
  }

  private mutating func ask(_ address: Int, _ count: Int) {
    guard address + count <= 65536 else { return finish() }
    step = .read(RegisterSpan(table: .holding, address: address, count: count))
  }

  private mutating func finish() { step = .found(device) }
}
