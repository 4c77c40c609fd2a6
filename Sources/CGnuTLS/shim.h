#pragma once
#include <gnutls/gnutls.h>

// The flags are macros in some versions of GnuTLS and an enumeration in others.
static inline int heliograph_gnutls_init(gnutls_session_t *session, int is_server) {
  return gnutls_init(session, (is_server ? GNUTLS_SERVER : GNUTLS_CLIENT) | GNUTLS_NONBLOCK |
                                  GNUTLS_NO_SIGNAL | GNUTLS_ENABLE_RAWPK | GNUTLS_NO_TICKETS);
}

static inline int heliograph_gnutls_raw_key_peers(gnutls_session_t session) {
  return gnutls_certificate_type_get2(session, GNUTLS_CTYPE_PEERS) == GNUTLS_CRT_RAWPK;
}
