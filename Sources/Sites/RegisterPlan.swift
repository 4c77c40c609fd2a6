/// Packs the registers of a profile into requests.
struct RegisterPlan {
  private struct Piece {
    let table: RegisterTable
    let start: Int
    let end: Int
  }

  let manners: DeviceProfile.Manners

  /// The requests that fetch `registers`, by table and address.
  ///
  /// Registers lie in one request where the hole between them is within the profile's limit: a
  /// request costs more than the few registers read along. No number is cut in two: between the
  /// halves it might change, and 65,535 W stand there for a moment.
  func spans(of registers: [DeviceRegister]) -> [RegisterSpan] {
    let pieces = registers.flatMap(self.pieces).sorted { left, right in
      (left.table.rawValue, left.start, left.end) < (right.table.rawValue, right.start, right.end)
    }
    var spans: [RegisterSpan] = []
    for piece in pieces {
      if let last = spans.last, last.table == piece.table,
        piece.start - last.end <= manners.holeLimit,
        max(last.end, piece.end) - last.address <= manners.maximumRegistersPerRead
      {
        spans[spans.count - 1] = RegisterSpan(
          table: last.table, address: last.address,
          count: max(last.end, piece.end) - last.address)
      } else {
        spans.append(
          RegisterSpan(
            table: piece.table, address: piece.start, count: piece.end - piece.start))
      }
    }
    return spans
  }

  /// Where the numbers of `registers` lie, each whole: where a request may be cut in two.
  func numbers(of registers: [DeviceRegister]) -> [RegisterSpan] {
    registers.flatMap(pieces).map {
      RegisterSpan(table: $0.table, address: $0.start, count: $0.end - $0.start)
    }
  }

  private func pieces(of register: DeviceRegister) -> [Piece] {
    let table = register.table ?? manners.table
    let words = register.wordAddresses
    let start = words.min() ?? register.address
    let number = Piece(table: table, start: start, end: (words.max() ?? start) + 1)
    guard let flag = register.reversedBy?.address else { return [number] }
    return [number, Piece(table: table, start: flag, end: flag + 1)]
  }
}
