/// Where one point of a model lies, and how it is told.
struct SunSpecPoint: Hashable, Sendable {
  /// Numbers lie with the high word first.
  enum Kind: Hashable, Sendable {
    case uint16, int16, uint32, int32, uint64
    /// A counter that says zero for "not implemented".
    case acc32, acc64
    case float32

    /// Registers.
    var width: Int {
      switch self {
      case .uint16, .int16: 1
      case .uint32, .int32, .acc32, .float32: 2
      case .uint64, .acc64: 4
      }
    }
  }

  let kind: Kind
  /// Counted from the model's identity register.
  let offset: Int
  /// Where the power of ten lies that the number is told in; nil is a plain number.
  let factor: Int?

  init(_ kind: Kind, _ offset: Int, factor: Int? = nil) {
    self.kind = kind
    self.offset = offset
    self.factor = factor
  }

  /// The same point in a block that lies `distance` further on; the factor stays in the head.
  func moved(by distance: Int) -> SunSpecPoint {
    SunSpecPoint(kind, offset + distance, factor: factor)
  }
}
