import CGnuTLS
import Sealing

/// The node's own key, as GnuTLS wants it: a raw public key (RFC 7250), no certificate.
///
/// Used by the event thread of one hub only.
final class TLSCredentials {
  let handle: gnutls_certificate_credentials_t
  let publicKey: PublicKey

  /// Ed25519 in PKCS #8 and in SubjectPublicKeyInfo (RFC 8410 §4 and §7): the bytes before a key.
  private static let privatePrefix: [UInt8] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
  ]
  static let publicPrefix: [UInt8] = [
    0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00,
  ]

  init(keys: KeyPair) throws(LinkError) {
    var credentials: gnutls_certificate_credentials_t?
    var code = gnutls_certificate_allocate_credentials(&credentials)
    guard code == GNUTLS_E_SUCCESS, let credentials else {
      throw LinkError(.security, "GnuTLS has no memory for credentials: \(tlsErrorText(code))")
    }
    handle = credentials
    publicKey = keys.publicKey
    var publicBytes = Self.publicPrefix + keys.publicKey.bytes
    var privateBytes = Self.privatePrefix + keys.seed
    code = publicBytes.withUnsafeMutableBufferPointer { publicBuffer in
      privateBytes.withUnsafeMutableBufferPointer { privateBuffer in
        var publicDatum = gnutls_datum_t(
          data: publicBuffer.baseAddress, size: UInt32(publicBuffer.count))
        var privateDatum = gnutls_datum_t(
          data: privateBuffer.baseAddress, size: UInt32(privateBuffer.count))
        let code = gnutls_certificate_set_rawpk_key_mem(
          credentials, &publicDatum, &privateDatum, GNUTLS_X509_FMT_DER, nil, 0, nil, 0, 0)
        gnutls_memset(privateBuffer.baseAddress, 0, privateBuffer.count)
        return code
      }
    }
    guard code == GNUTLS_E_SUCCESS else {
      throw LinkError(
        .security,
        "GnuTLS \(String(cString: gnutls_check_version(nil))) does not take the node's key: "
          + "\(tlsErrorText(code)). Version 3.7.3 or later is needed.")
    }
  }

  deinit { gnutls_certificate_free_credentials(handle) }
}

func tlsErrorText(_ code: Int32) -> String {
  // GnuTLS's words for it are no help: the other node died, or the line did.
  if code == GNUTLS_E_PREMATURE_TERMINATION { return "it ended without a goodbye" }
  guard let text = gnutls_strerror(code) else { return "GnuTLS error \(code)" }
  var words = String(cString: text)
  if words.hasSuffix(".") { words.removeLast() }
  return words
}
