import CCurl

/// Fetches one small file from a web server: a single GET, bounded in time and size.
public enum Download {
  /// The whole exchange, from looking up the name to the last byte.
  public static let timeoutMilliseconds = 20_000
  public static let connectMilliseconds = 10_000
  public static let maximumRedirections = 3

  /// The body of a 200 answer of at most `limit` bytes; blocks the calling thread meanwhile.
  ///
  /// `url` is http or https, and so is wherever it redirects to. Throws `.answer` when the server
  /// can't be reached or says anything else, `.system` without libcurl.
  public static func get(
    _ url: String, atMost limit: Int, timeoutMilliseconds: Int = timeoutMilliseconds
  ) throws(RunnerError) -> [UInt8] {
    guard Transfer.isReady, let handle = heliograph_curl_init() else {
      throw RunnerError(.system, "libcurl has no handle left")
    }
    defer { heliograph_curl_cleanup(handle) }
    let body = Body(limit: limit)
    let options: [(CURLoption, Int)] = [
      (CURLOPT_NOSIGNAL, 1), (CURLOPT_FOLLOWLOCATION, 1),
      (CURLOPT_MAXREDIRS, maximumRedirections),
      (CURLOPT_CONNECTTIMEOUT_MS, min(connectMilliseconds, timeoutMilliseconds)),
      (CURLOPT_TIMEOUT_MS, timeoutMilliseconds),
      // http and https; the newer text options are not in Ubuntu 22.04's libcurl.
      (CURLOPT_PROTOCOLS, 3), (CURLOPT_REDIR_PROTOCOLS, 3),
    ]
    for (option, value) in options { heliograph_curl_set_long(handle, option, value) }
    heliograph_curl_set_text(handle, CURLOPT_URL, url)
    heliograph_curl_set_text(handle, CURLOPT_USERAGENT, "heliograph")
    heliograph_curl_set_receiver(
      handle,
      { bytes, size, count, context in
        guard let bytes, let context else { return 0 }
        let body = Unmanaged<Body>.fromOpaque(context).takeUnretainedValue()
        let received = UnsafeRawBufferPointer(start: bytes, count: size * count)
        return body.receive(received) ? size * count : 0
      }, Unmanaged.passUnretained(body).toOpaque())
    let code = withExtendedLifetime(body) { heliograph_curl_perform(handle) }
    guard !body.isTooLong else {
      throw RunnerError(.answer, "answers more than \(limit) bytes")
    }
    guard code == CURLE_OK else {
      throw RunnerError(.answer, String(cString: heliograph_curl_reason(code)))
    }
    let status = heliograph_curl_status(handle)
    guard status == 200 else { throw RunnerError(.answer, "answers \(status)") }
    return body.bytes
  }

  /// What has come so far; used by the thread that asks alone.
  private final class Body {
    private(set) var bytes: [UInt8] = []
    private(set) var isTooLong = false
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    /// False breaks the exchange off.
    func receive(_ received: UnsafeRawBufferPointer) -> Bool {
      guard bytes.count + received.count <= limit else {
        isTooLong = true
        return false
      }
      bytes += received
      return true
    }
  }
}
