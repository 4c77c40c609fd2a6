import Dispatch

/// Runs what blocks, such as waiting for a program's end, on a thread of its own.
///
/// The shared pool has as many threads as the machine has processors: a few tests that block there
/// would hold up every other one.
public func besidePool<Value: Sendable>(
  _ body: @escaping @Sendable () throws -> Value
) async throws -> Value {
  try await withCheckedThrowingContinuation { continuation in
    // A queue of its own gets a thread at once; the global one shares its few threads out.
    DispatchQueue(label: "beside the pool").async {
      continuation.resume(with: Result { try body() })
    }
  }
}
