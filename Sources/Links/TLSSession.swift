import CGnuTLS
import Sealing

/// One TLS 1.3 session on a non-blocking socket. Used by the event thread of one hub only.
final class TLSSession {
  enum Progress {
    case done
    case blocked
    case failed(String)
  }

  enum Received {
    case bytes(Int)
    case blocked
    case ended(String)
  }

  /// Only TLS 1.3, only raw public keys, and only signatures that Ed25519 makes.
  private static let priorities =
    "NORMAL:-VERS-ALL:+VERS-TLS1.3:-CTYPE-ALL:+CTYPE-CLI-RAWPK:+CTYPE-SRV-RAWPK"
    + ":-SIGN-ALL:+SIGN-EDDSA-ED25519"

  private let handle: gnutls_session_t
  /// Kept alive as long as the session uses them.
  private let credentials: TLSCredentials
  /// Bytes of a record that GnuTLS took and the socket did not.
  private var unsent = 0

  init(descriptor: Int32, isServer: Bool, credentials: TLSCredentials) throws(LinkError) {
    var session: gnutls_session_t?
    var code = heliograph_gnutls_init(&session, isServer ? 1 : 0)
    guard code == GNUTLS_E_SUCCESS, let session else {
      throw LinkError(.security, "GnuTLS can't begin a session: \(tlsErrorText(code))")
    }
    handle = session
    self.credentials = credentials
    var position: UnsafePointer<CChar>?
    code = gnutls_priority_set_direct(session, Self.priorities, &position)
    guard code == GNUTLS_E_SUCCESS else {
      throw LinkError(
        .security,
        "GnuTLS does not know \"\(position.map { String(cString: $0) } ?? "?")\": "
          + "\(tlsErrorText(code)). Version 3.7.3 or later is needed.")
    }
    code = gnutls_credentials_set(
      session, GNUTLS_CRD_CERTIFICATE, UnsafeMutableRawPointer(credentials.handle))
    guard code == GNUTLS_E_SUCCESS else {
      throw LinkError(.security, "GnuTLS refuses the credentials: \(tlsErrorText(code))")
    }
    if isServer { gnutls_certificate_server_set_request(session, GNUTLS_CERT_REQUIRE) }
    gnutls_transport_set_int2(session, descriptor, descriptor)
  }

  deinit { gnutls_deinit(handle) }

  /// Whether the session waits for the socket to take bytes rather than to give some.
  var wantsWrite: Bool { gnutls_record_get_direction(handle) == 1 }

  /// Whether bytes are decrypted already, so that polling the socket would not tell of them.
  var hasPending: Bool { gnutls_record_check_pending(handle) > 0 }

  func handshake() -> Progress {
    let code = gnutls_handshake(handle)
    if code == GNUTLS_E_SUCCESS { return .done }
    if gnutls_error_is_fatal(code) == 0 { return .blocked }
    let text = failureText(code)
    _ = gnutls_alert_send_appropriate(handle, code)
    return .failed(text)
  }

  /// The key that the other end proved to hold; nil if it showed anything else.
  var peerKey: PublicKey? {
    guard heliograph_gnutls_raw_key_peers(handle) != 0 else { return nil }
    var count: UInt32 = 0
    guard let list = gnutls_certificate_get_peers(handle, &count), count == 1,
      let data = list[0].data
    else { return nil }
    let bytes = [UInt8](UnsafeBufferPointer(start: data, count: Int(list[0].size)))
    guard bytes.starts(with: TLSCredentials.publicPrefix) else { return nil }
    return PublicKey(bytes.dropFirst(TLSCredentials.publicPrefix.count))
  }

  func receive(into buffer: inout [UInt8]) -> Received {
    let capacity = buffer.count
    let count = buffer.withUnsafeMutableBytes {
      gnutls_record_recv(handle, $0.baseAddress, capacity)
    }
    if count > 0 { return .bytes(count) }
    if count == 0 { return .ended("closed by the other side") }
    let code = Int32(count)
    if gnutls_error_is_fatal(code) == 0 { return .blocked }
    return .ended(failureText(code))
  }

  enum Sent {
    case bytes(Int)
    case blocked
    case failed(String)
  }

  /// Sends some of `bytes` from `offset` on; after `blocked` call again with the same.
  func send(_ bytes: [UInt8], from offset: Int) -> Sent {
    let count: Int
    if unsent > 0 {
      count = gnutls_record_send(handle, nil, 0)
    } else {
      let length = min(bytes.count - offset, 16_384)
      count = bytes.withUnsafeBytes {
        gnutls_record_send(handle, $0.baseAddress?.advanced(by: offset), length)
      }
      if count < 0 { unsent = length }
    }
    if count >= 0 {
      unsent = 0
      return .bytes(count)
    }
    let code = Int32(count)
    return gnutls_error_is_fatal(code) == 0 ? .blocked : .failed(failureText(code))
  }

  /// Tells the other end that its key is not allowed here, as far as the socket takes it now.
  func refuse() { _ = gnutls_alert_send(handle, GNUTLS_AL_FATAL, GNUTLS_A_ACCESS_DENIED) }

  /// Says goodbye, as far as the socket takes it now.
  func close() { _ = gnutls_bye(handle, GNUTLS_SHUT_WR) }

  private func failureText(_ code: Int32) -> String {
    guard code == GNUTLS_E_FATAL_ALERT_RECEIVED else { return tlsErrorText(code) }
    let alert = gnutls_alert_get(handle)
    if alert == GNUTLS_A_ACCESS_DENIED { return "the other side does not list this node's key" }
    let name = gnutls_alert_get_name(alert).map { String(cString: $0) } ?? "alert"
    return "the other side refused: \(name)"
  }
}
