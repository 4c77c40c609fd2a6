import Glibc

// The core's one way to the C library: functions of a real number, angles in radians. The last bits
// may differ from one machine's library to another's, so what comes of them is rounded before
// anything is planned on it, and nothing that is signed or settled is computed with them.

extension Double {
  /// A degree in radians: `45 * .degree`.
  package static let degree = Double.pi / 180
}

package func sine(of radians: Double) -> Double { sin(radians) }

package func cosine(of radians: Double) -> Double { cos(radians) }

package func tangent(of radians: Double) -> Double { tan(radians) }

/// The angle of this sine, −π/2 to π/2; a sine that rounding has put beyond ±1 is taken as ±1.
package func arcSine(of sine: Double) -> Double { asin(min(max(sine, -1), 1)) }

/// The angle of the point (`x`, `y`) from the x axis, −π to π; 0 for the origin.
package func arcTangent(of y: Double, over x: Double) -> Double { atan2(y, x) }

/// e to this power.
package func exponential(of exponent: Double) -> Double { exp(exponent) }

/// The natural logarithm of a number > 0.
package func logarithm(of number: Double) -> Double { log(number) }

/// A base ≥ 0 to any power.
package func raise(_ base: Double, to exponent: Double) -> Double { pow(base, exponent) }

/// The sum of each coefficient times `x` to the power of its index.
package func polynomial(_ coefficients: [Double], at x: Double) -> Double {
  coefficients.reversed().reduce(0) { sum, coefficient in sum * x + coefficient }
}

/// An angle in radians turned whole times into 0 to 2π.
package func wholeTurnsRemoved(from radians: Double) -> Double {
  let turn = 2 * Double.pi
  return radians - (radians / turn).rounded(.down) * turn
}
