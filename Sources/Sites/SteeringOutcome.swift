/// What became of an order.
public struct SteeringOutcome: Hashable, Sendable {
  public let order: SteeringOrder
  public let result: SteeringResult

  public init(order: SteeringOrder, result: SteeringResult) {
    self.order = order
    self.result = result
  }
}
