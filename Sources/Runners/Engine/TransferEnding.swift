/// How an exchange with an engine ended.
enum TransferEnding: Hashable {
  /// An HTTP answer; the wait is what its Retry-After asked for, 0 where it asked for none.
  case answer(status: Int, body: [UInt8], retryAfterMilliseconds: Int64)
  /// A stream that came to its end, put together.
  case assembled(JSONValue, completionTokens: Int64)
  /// Nobody took the connection, so the request was never begun.
  case unreachable(reason: String)
  /// The exchange began and did not end well.
  case broken(reason: String)
}
