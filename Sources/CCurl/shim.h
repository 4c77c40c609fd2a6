#pragma once
#include <curl/curl.h>
#include <dlfcn.h>
#include <stddef.h>

// libcurl is opened when the first exchange needs it, not with the program: with what it brings
// along (Kerberos, LDAP, SSH…) it takes more memory than the rest of an idle node's libraries, and
// a node without an engine and a forecast has no use for it.
static inline void *heliograph_curl_library(void) {
  // GnuTLS's first: a node has GnuTLS in memory already.
  void *library = dlopen("libcurl-gnutls.so.4", RTLD_NOW | RTLD_LOCAL);
  return library != NULL ? library : dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
}

static inline void *heliograph_curl_symbol(void **known, const char *name) {
  void *symbol = __atomic_load_n(known, __ATOMIC_ACQUIRE);
  if (symbol != NULL) return symbol;
  void *library = heliograph_curl_library();
  if (library == NULL) return NULL;
  symbol = dlsym(library, name);
  __atomic_store_n(known, symbol, __ATOMIC_RELEASE);
  return symbol;
}

// Declares `name` as a pointer to the function of libcurl; NULL where that can't be had. Its type is
// that of curl's header.
#define HELIOGRAPH_CURL(function, name) \
  static void *name##_known = NULL; \
  __typeof__(&function) name = \
      (__typeof__(&function))heliograph_curl_symbol(&name##_known, #function)

// Opens libcurl and lets it start, once for the process; 0 where it can't be had, or lacks something.
static inline int heliograph_curl_start(void) {
  static const char *const needed[] = {
      "curl_easy_init", "curl_easy_cleanup", "curl_easy_perform", "curl_easy_strerror",
      "curl_easy_setopt", "curl_easy_getinfo", "curl_slist_append", "curl_slist_free_all",
      "curl_multi_init", "curl_multi_cleanup", "curl_multi_add_handle", "curl_multi_remove_handle",
      "curl_multi_perform", "curl_multi_poll", "curl_multi_info_read", "curl_global_init"};
  void *library = heliograph_curl_library();
  if (library == NULL) return 0;
  for (size_t index = 0; index < sizeof needed / sizeof needed[0]; index++)
    if (dlsym(library, needed[index]) == NULL) return 0;
  HELIOGRAPH_CURL(curl_global_init, start);
  return start(CURL_GLOBAL_DEFAULT) == CURLE_OK;
}

// All below: only once `heliograph_curl_start` has succeeded.

static inline CURL *heliograph_curl_init(void) {
  HELIOGRAPH_CURL(curl_easy_init, init);
  return init();
}

static inline void heliograph_curl_cleanup(CURL *handle) {
  HELIOGRAPH_CURL(curl_easy_cleanup, cleanup);
  cleanup(handle);
}

static inline CURLcode heliograph_curl_perform(CURL *handle) {
  HELIOGRAPH_CURL(curl_easy_perform, perform);
  return perform(handle);
}

static inline const char *heliograph_curl_reason(CURLcode code) {
  HELIOGRAPH_CURL(curl_easy_strerror, reason);
  return reason(code);
}

static inline struct curl_slist *heliograph_curl_append(struct curl_slist *list, const char *text) {
  HELIOGRAPH_CURL(curl_slist_append, append);
  return append(list, text);
}

static inline void heliograph_curl_free(struct curl_slist *list) {
  HELIOGRAPH_CURL(curl_slist_free_all, free_all);
  free_all(list);
}

static inline CURLM *heliograph_curl_multi_init(void) {
  HELIOGRAPH_CURL(curl_multi_init, init);
  return init();
}

static inline void heliograph_curl_multi_cleanup(CURLM *multi) {
  HELIOGRAPH_CURL(curl_multi_cleanup, cleanup);
  cleanup(multi);
}

static inline CURLMcode heliograph_curl_multi_add(CURLM *multi, CURL *handle) {
  HELIOGRAPH_CURL(curl_multi_add_handle, add);
  return add(multi, handle);
}

static inline void heliograph_curl_multi_remove(CURLM *multi, CURL *handle) {
  HELIOGRAPH_CURL(curl_multi_remove_handle, remove_handle);
  remove_handle(multi, handle);
}

static inline void heliograph_curl_multi_perform(CURLM *multi, int *running) {
  HELIOGRAPH_CURL(curl_multi_perform, perform);
  perform(multi, running);
}

static inline void heliograph_curl_multi_poll(
    CURLM *multi, struct curl_waitfd *extra, unsigned count, int milliseconds) {
  HELIOGRAPH_CURL(curl_multi_poll, poll_all);
  poll_all(multi, extra, count, milliseconds, NULL);
}

// Swift can't call variadic C functions: each kind of argument gets a function of its own.

static inline CURLcode heliograph_curl_set_long(CURL *handle, CURLoption option, long value) {
  HELIOGRAPH_CURL(curl_easy_setopt, set_option);
  return set_option(handle, option, value);
}

static inline CURLcode heliograph_curl_set_text(
    CURL *handle, CURLoption option, const char *value) {
  HELIOGRAPH_CURL(curl_easy_setopt, set_option);
  return set_option(handle, option, value);
}

static inline CURLcode heliograph_curl_set_headers(CURL *handle, struct curl_slist *headers) {
  HELIOGRAPH_CURL(curl_easy_setopt, set_option);
  return set_option(handle, CURLOPT_HTTPHEADER, headers);
}

// libcurl copies the body, so `bytes` may go right after the call.
static inline CURLcode heliograph_curl_set_body(CURL *handle, const void *bytes, long count) {
  HELIOGRAPH_CURL(curl_easy_setopt, set_option);
  CURLcode code = set_option(handle, CURLOPT_POST, 1L);
  if (code == CURLE_OK) {
    code = set_option(handle, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)count);
  }
  return code == CURLE_OK ? set_option(handle, CURLOPT_COPYPOSTFIELDS, bytes) : code;
}

static inline CURLcode heliograph_curl_set_receiver(
    CURL *handle, curl_write_callback receiver, void *context) {
  HELIOGRAPH_CURL(curl_easy_setopt, set_option);
  CURLcode code = set_option(handle, CURLOPT_WRITEFUNCTION, receiver);
  return code == CURLE_OK ? set_option(handle, CURLOPT_WRITEDATA, context) : code;
}

static inline long heliograph_curl_status(CURL *handle) {
  HELIOGRAPH_CURL(curl_easy_getinfo, get_info);
  long status = 0;
  return get_info(handle, CURLINFO_RESPONSE_CODE, &status) == CURLE_OK ? status : 0;
}

// The answer's content type; NULL where it has none. Valid while the handle lives.
static inline const char *heliograph_curl_content_type(CURL *handle) {
  HELIOGRAPH_CURL(curl_easy_getinfo, get_info);
  char *text = NULL;
  return get_info(handle, CURLINFO_CONTENT_TYPE, &text) == CURLE_OK ? text : NULL;
}

// Seconds from a Retry-After header, 0 where there was none.
static inline long heliograph_curl_retry_after(CURL *handle) {
  HELIOGRAPH_CURL(curl_easy_getinfo, get_info);
  curl_off_t seconds = 0;
  return get_info(handle, CURLINFO_RETRY_AFTER, &seconds) == CURLE_OK ? (long)seconds : 0;
}

// Takes one finished transfer off the queue; NULL when there is none.
static inline CURL *heliograph_curl_next_finished(CURLM *multi, CURLcode *result) {
  HELIOGRAPH_CURL(curl_multi_info_read, next);
  int left = 0;
  for (;;) {
    CURLMsg *message = next(multi, &left);
    if (message == NULL) return NULL;
    if (message->msg == CURLMSG_DONE) {
      *result = message->data.result;
      return message->easy_handle;
    }
  }
}
