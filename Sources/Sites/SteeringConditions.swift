import Quantities

/// What must be known of the house while its battery is steered; nil is unknown.
public struct SteeringConditions: Hashable, Sendable {
  public var stateOfCharge: StateOfCharge?
  public var gridPower: Power?
  /// What the battery keeps for the household: below it nothing is discharged.
  public var reserve: StateOfCharge

  public init(
    stateOfCharge: StateOfCharge? = nil, gridPower: Power? = nil, reserve: StateOfCharge = .full
  ) {
    self.stateOfCharge = stateOfCharge
    self.gridPower = gridPower
    self.reserve = reserve
  }
}
