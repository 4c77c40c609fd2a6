/// A linear estimate that follows what it is shown: w·x, each weight free to drift.
///
/// A Kalman filter over the weights (random walk). Starts from given weights, believed to within
/// `priorVariance`, so it is useful before it has seen anything, and never believes a weight more
/// firmly than the drift allows.
struct KalmanRegression: Hashable, Sendable {
  private(set) var weights: [Double]
  /// The weights' covariance, row by row.
  private var covariance: [Double]
  private let priorVariance: Double
  private let drift: Double

  init(weights: [Double], priorVariance: Double, drift: Double) {
    self.weights = weights
    self.priorVariance = priorVariance
    self.drift = drift
    let count = weights.count
    covariance = [Double](repeating: 0, count: count * count)
    for index in 0..<count { covariance[index * count + index] = priorVariance }
  }

  /// The estimate from the first features, as many as are given.
  func estimate(_ features: [Double]) -> Double {
    var sum = 0.0
    for index in features.indices { sum += weights[index] * features[index] }
    return sum
  }

  /// Takes in what came of `features`; `noise` is the variance expected of the remainder.
  mutating func learn(_ features: [Double], outcome: Double, noise: Double) {
    let count = weights.count
    var gain = [Double](repeating: 0, count: count)
    var variance = noise
    for row in 0..<count {
      var sum = 0.0
      for column in 0..<count { sum += covariance[row * count + column] * features[column] }
      gain[row] = sum
      variance += sum * features[row]
    }
    let error = outcome - estimate(features)
    let scale = 1 / variance
    for row in 0..<count {
      weights[row] += gain[row] * error * scale
      let factor = gain[row] * scale
      for column in 0..<count { covariance[row * count + column] -= factor * gain[column] }
    }
    for index in 0..<count {
      let diagonal = index * count + index
      covariance[diagonal] = min(max(covariance[diagonal], 0) + drift, priorVariance)
    }
  }
}

extension KalmanRegression: NumberStored {
  func store(in column: inout NumberColumn) {
    column.append(weights)
    column.append(covariance)
  }

  mutating func restore(from reader: inout NumberReader) -> Bool {
    reader.fill(&weights) && reader.fill(&covariance)
  }
}
