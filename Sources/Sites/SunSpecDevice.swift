/// What a walk over a SunSpec device's list of models found.
public struct SunSpecDevice: Hashable, Sendable {
  /// The models in the device's order.
  public var models: [SunSpecModel]
  /// What each model 1 says, by its address; behind the first, a device lists the meters that are
  /// wired to it, each with one of its own.
  public var nameplates: [Int: SunSpecNameplate]

  public init(models: [SunSpecModel] = [], nameplates: [Int: SunSpecNameplate] = [:]) {
    self.models = models
    self.nameplates = nameplates
  }

  /// What the first model 1 says.
  public var nameplate: SunSpecNameplate? { models.first.flatMap { nameplates[$0.address] } }

  /// What the last model 1 before `model` says.
  func nameplate(over model: SunSpecModel) -> SunSpecNameplate? {
    models.last { $0.address < model.address && nameplates[$0.address] != nil }
      .flatMap { nameplates[$0.address] }
  }
}
