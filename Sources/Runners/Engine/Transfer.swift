import CCurl

/// One HTTP exchange with an engine, bounded in time and size.
///
/// Lives on the runner's thread; libcurl calls its receiver there too.
final class Transfer {
  enum Purpose {
    case probe
    case request(BatchJob, BatchJob.Ticket)
    /// The engine is asked how it writes a request's conversation out.
    case template(BatchJob, BatchJob.Ticket)
    /// The engine is asked whether it still works on what was broken off.
    case settling
    /// The engine is asked to put its model away, or to take it up again.
    case unload, wake
  }

  let purpose: Purpose
  let handle: UnsafeMutableRawPointer
  private let limits: EngineLimits
  private var headers: UnsafeMutablePointer<curl_slist>?
  private var body: [UInt8] = []
  private var receivedBytes = 0
  private var stream: StreamAssembler?
  /// Why the receiver broke the exchange off.
  private var refusal: String?

  /// A GET, or a POST of `content` as JSON.
  init(
    _ purpose: Purpose, engine: InferenceEngine, path: String, content: [UInt8]? = nil,
    quick: Bool = false
  ) throws(RunnerError) {
    guard Self.isReady, let handle = heliograph_curl_init() else {
      throw RunnerError(.system, "libcurl has no handle left for \(engine.address)")
    }
    self.purpose = purpose
    self.handle = handle
    limits = engine.limits
    let requestLimit = quick ? min(10_000, limits.requestMilliseconds) : limits.requestMilliseconds
    let silenceSeconds = max(1, limits.silenceMilliseconds / 1000)
    let options: [(CURLoption, Int)] = [
      (CURLOPT_NOSIGNAL, 1), (CURLOPT_FOLLOWLOCATION, 0),
      (CURLOPT_CONNECTTIMEOUT_MS, limits.connectMilliseconds),
      (CURLOPT_TIMEOUT_MS, requestLimit),
      (CURLOPT_LOW_SPEED_LIMIT, 1), (CURLOPT_LOW_SPEED_TIME, silenceSeconds),
      // http and https; the newer text option is not in Ubuntu 22.04's libcurl.
      (CURLOPT_PROTOCOLS, 3),
    ]
    for (option, value) in options { heliograph_curl_set_long(handle, option, value) }
    heliograph_curl_set_text(handle, CURLOPT_URL, engine.base + path)
    // An engine is a neighbour on the wire, never behind the proxy that the environment names.
    heliograph_curl_set_text(handle, CURLOPT_PROXY, "")
    if let socketPath = engine.socketPath {
      heliograph_curl_set_text(handle, CURLOPT_UNIX_SOCKET_PATH, socketPath)
    }
    heliograph_curl_set_receiver(
      handle,
      { bytes, size, count, context in
        guard let bytes, let context else { return 0 }
        let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
        let received = UnsafeRawBufferPointer(start: bytes, count: size * count)
        return transfer.receive(received) ? size * count : 0
      }, Unmanaged.passUnretained(self).toOpaque())
    guard let content else { return }
    // No "Expect: 100-continue": it costs a second where a server doesn't know it.
    headers = heliograph_curl_append(nil, "Expect:")
    headers = heliograph_curl_append(headers, "Content-Type: application/json") ?? headers
    heliograph_curl_set_headers(handle, headers)
    let code = content.withUnsafeBytes { raw in
      heliograph_curl_set_body(handle, raw.baseAddress, content.count)
    }
    guard code == CURLE_OK else {
      throw RunnerError(.system, "libcurl takes no request of \(content.count) bytes")
    }
  }

  deinit {
    heliograph_curl_cleanup(handle)
    heliograph_curl_free(headers)
  }

  /// Opening libcurl and its own start, once for the process: false without libcurl.
  static let isReady = heliograph_curl_start() != 0

  /// What came of it, once libcurl says that it ended with `code`.
  func ending(_ code: CURLcode) -> TransferEnding {
    let status = Int(heliograph_curl_status(handle))
    if let refusal { return .broken(reason: refusal) }
    guard code == CURLE_OK else {
      let reason = String(cString: heliograph_curl_reason(code))
      let unreachable = [
        CURLE_COULDNT_CONNECT, CURLE_COULDNT_RESOLVE_HOST, CURLE_SSL_CONNECT_ERROR,
      ].contains(code)
      return unreachable ? .unreachable(reason: reason) : .broken(reason: reason)
    }
    if let stream { return stream.ending() }
    let retryAfter = Int64(heliograph_curl_retry_after(handle)) * 1000
    return .answer(
      status: status, body: body,
      retryAfterMilliseconds: min(max(0, retryAfter), limits.longestBackOffMilliseconds))
  }

  private let sentMilliseconds = SystemText.monotonicMilliseconds()
  private var firstMilliseconds: Int64?

  /// How long it took so far.
  var times: PaceMeter.Times {
    PaceMeter.Times(
      sent: sentMilliseconds, first: firstMilliseconds,
      ended: SystemText.monotonicMilliseconds())
  }

  /// When what it brought was last put on disk, in milliseconds of the monotonic clock.
  var journalledMilliseconds: Int64 = SystemText.monotonicMilliseconds()

  /// What its answer has come to, with what was there before the exchange; nil where it can't be
  /// gone on with.
  func generated(after earlier: Generated?) -> Generated? {
    guard var generated = stream.map(\.generated) ?? Generated(text: "", tokens: 0) else {
      return nil
    }
    if let earlier {
      generated.text = earlier.text + generated.text
      generated.tokens += earlier.tokens
      generated.promptTokens = earlier.promptTokens
      generated.cuts = earlier.cuts
    }
    return generated
  }

  /// False breaks the exchange off.
  private func receive(_ bytes: UnsafeRawBufferPointer) -> Bool {
    if receivedBytes == 0, isEventStream {
      stream = StreamAssembler(maximumLineBytes: limits.lineBytes)
    }
    receivedBytes += bytes.count
    guard receivedBytes <= limits.responseBytes else {
      refusal = "answered more than \(limits.responseBytes) bytes"
      return false
    }
    guard stream != nil else {
      body += bytes
      return true
    }
    refusal = stream?.receive(bytes)
    if firstMilliseconds == nil, stream?.hasContent == true {
      firstMilliseconds = SystemText.monotonicMilliseconds()
    }
    return refusal == nil
  }

  private var isEventStream: Bool {
    guard heliograph_curl_status(handle) == 200, let type = heliograph_curl_content_type(handle)
    else { return false }
    return String(cString: type).lowercased().hasPrefix("text/event-stream")
  }
}
