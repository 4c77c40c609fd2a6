import Quantities

/// What a client wants a batch to be, read from the body of `POST /v1/batches` and checked.
struct BatchWish {
  var inputFile: String
  var endpoint: String
  var window: String
  var span: TimeSpan
  var metadata: JSONValue
  var options = BatchOptions()

  static let endpoints = ["/v1/chat/completions", "/v1/completions", "/v1/embeddings"]
  static let maximumPairs = 16
  /// What the names of the options in `metadata` begin with.
  static let prefix = "heliograph_"

  init(_ body: [UInt8]) throws(HTTPRefusal) {
    guard let value = try? JSONParser.parse(body), value.isObject else {
      throw Self.wrong("the body is not a JSON object", nil)
    }
    guard let file = value["input_file_id"]?.text else {
      throw Self.wrong("input_file_id: expected the id of an uploaded file", "input_file_id")
    }
    guard let endpoint = value["endpoint"]?.text, Self.endpoints.contains(endpoint) else {
      let expected = Self.endpoints.joined(separator: ", ")
      throw Self.wrong("endpoint: expected one of \(expected)", "endpoint")
    }
    guard let window = value["completion_window"]?.text, let span = BatchOptions.window(window)
    else {
      throw Self.wrong(
        "completion_window: expected 24h, or minutes, hours or days up to 30d such as 90m",
        "completion_window")
    }
    guard value["output_expires_after"] == nil || value["output_expires_after"] == .null else {
      throw Self.wrong(
        "output_expires_after: results stay until they are deleted", "output_expires_after")
    }
    inputFile = file
    self.endpoint = endpoint
    self.window = window
    self.span = span
    metadata = value["metadata"] ?? .null
    try readMetadata()
  }

  private mutating func readMetadata() throws(HTTPRefusal) {
    guard metadata != .null else { return }
    guard case .object(let pairs) = metadata, pairs.count <= Self.maximumPairs else {
      throw Self.wrong(
        "metadata: expected an object of at most \(Self.maximumPairs) texts", "metadata")
    }
    for pair in pairs {
      guard let text = pair.value.text, pair.key.count <= 64, text.count <= 512 else {
        throw Self.wrong(
          "metadata: expected keys of at most 64 and texts of at most 512 characters", "metadata")
      }
      guard pair.key.hasPrefix(Self.prefix) else { continue }
      let param = "metadata.\(SystemText.printable(pair.key, limit: 64))"
      do throws(BatchOptions.Failure) {
        try options.set(String(pair.key.dropFirst(Self.prefix.count)), text)
      } catch {
        throw Self.wrong("\(param): expected \(error.expected)", param)
      }
    }
  }

  private static func wrong(_ message: String, _ param: String?) -> HTTPRefusal {
    HTTPRefusal(.refusal(400, message, param: param))
  }
}
