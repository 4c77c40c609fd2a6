/// The error of this kind that `body` throws; nil when it throws none or another.
///
/// Swift Testing's `#expect(throws:)` gives the error back only from Swift 6.1 on. A test goes on
/// to expect something of the error, and so fails where there is none.
public func thrown<Failure: Error, Value>(
  _ kind: Failure.Type, _ body: () throws -> Value
) -> Failure? {
  do {
    _ = try body()
    return nil
  } catch {
    return error as? Failure
  }
}

/// The same for what takes time.
public func thrownLater<Failure: Error, Value>(
  _ kind: Failure.Type, _ body: () async throws -> Value
) async -> Failure? {
  do {
    _ = try await body()
    return nil
  } catch {
    return error as? Failure
  }
}
