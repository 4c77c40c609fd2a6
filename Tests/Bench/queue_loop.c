// The yardstick of `make bench` for jobs: sends the requests of a Batch file to an engine by libcurl,
// so many at once, writes a line for each answer, and prints requests a second. Like any such loop it
// takes the answer as it comes: it parses nothing, pairs the custom_id with what was received, and
// keeps no account of what is done. With "each" every line is on disk before the next is written; with
// "grouped" those that came together are put there together, before anything more is sent.
#define _GNU_SOURCE
#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { most_at_once = 64, most_bytes = 1 << 16 };

static struct exchange {
  CURL *handle;
  char *line;
  size_t room;
  char custom_id[80];
  char request[most_bytes];
  size_t received;
  char answer[most_bytes];
} exchanges[most_at_once];

static FILE *input;
static int is_streamed;

static void fail(const char *what) {
  fprintf(stderr, "queue_loop: %s: %s\n", what, strerror(errno));
  exit(1);
}

static size_t receive(char *bytes, size_t size, size_t count, void *context) {
  struct exchange *exchange = context;
  if (exchange->received + size * count > most_bytes) return 0;
  memcpy(exchange->answer + exchange->received, bytes, size * count);
  exchange->received += size * count;
  return size * count;
}

// Takes the next line's custom_id and body, which is the last member; 0 at the end of the file.
static int take_line(struct exchange *exchange) {
  ssize_t length = getline(&exchange->line, &exchange->room, input);
  if (length < 0) return 0;
  const char *id = strstr(exchange->line, "\"custom_id\":\"");
  char *body = strstr(exchange->line, "\"body\":{");
  char *end = strrchr(exchange->line, '}');
  if (!id || !body || !end || length > most_bytes - 100) fail("not a line as it is written here");
  *end = 0;
  sscanf(id + 13, "%79[^\"]", exchange->custom_id);
  const char *wish = "\"stream\":true,\"stream_options\":{\"include_usage\":true},";
  sprintf(exchange->request, "{%s%s", is_streamed ? wish : "", body + 8);
  return 1;
}

static void send_next(CURLM *multi, struct exchange *exchange) {
  exchange->received = 0;
  curl_easy_setopt(exchange->handle, CURLOPT_POSTFIELDS, exchange->request);
  curl_easy_setopt(exchange->handle, CURLOPT_POSTFIELDSIZE, (long)strlen(exchange->request));
  if (curl_multi_add_handle(multi, exchange->handle) != CURLM_OK) fail("add");
}

// A line of the output: the answer as it is, or what was streamed as a JSON text.
static void write_line(int output, const struct exchange *exchange) {
  static char line[2 * most_bytes + 200];
  char *next = line + sprintf(line, "{\"custom_id\":\"%s\",\"answer\":", exchange->custom_id);
  if (!is_streamed) {
    next = mempcpy(next, exchange->answer, exchange->received);
  } else {
    *next++ = '"';
    for (size_t index = 0; index < exchange->received; index++) {
      char byte = exchange->answer[index];
      if (byte == '"' || byte == '\\' || byte == '\n') *next++ = '\\';
      *next++ = byte == '\n' ? 'n' : byte;
    }
    *next++ = '"';
  }
  *next++ = '}';
  *next++ = '\n';
  if (write(output, line, (size_t)(next - line)) != next - line) fail("write");
}

static void synchronise(int output) {
  if (fdatasync(output) != 0) fail("fdatasync");
}

// Sends the next request on an exchange that is over; 0 where none is left.
static int go_on(CURLM *multi, struct exchange *exchange) {
  if (!take_line(exchange)) return 0;
  send_next(multi, exchange);
  return 1;
}

int main(int count, char **arguments) {
  int at_once = count == 7 ? atoi(arguments[4]) : 0;
  if (at_once < 1 || at_once > most_at_once) {
    fprintf(stderr, "usage: queue_loop PORT BATCH OUTPUT AT_ONCE plain|streamed fast|each|grouped\n");
    return 2;
  }
  is_streamed = strcmp(arguments[5], "streamed") == 0;
  int each = strcmp(arguments[6], "each") == 0, grouped = strcmp(arguments[6], "grouped") == 0;
  input = fopen(arguments[2], "r");
  int output = open(arguments[3], O_WRONLY | O_CREAT | O_TRUNC, 0600);
  if (!input || output < 0) fail("open");
  char address[80];
  snprintf(address, sizeof address, "http://127.0.0.1:%s/v1/chat/completions", arguments[1]);
  CURLM *multi = curl_multi_init();
  struct curl_slist *fields = curl_slist_append(NULL, "Content-Type: application/json");
  fields = curl_slist_append(fields, "Expect:");
  for (int index = 0; index < at_once; index++) {
    CURL *handle = exchanges[index].handle = curl_easy_init();
    curl_easy_setopt(handle, CURLOPT_URL, address);
    curl_easy_setopt(handle, CURLOPT_PROXY, "");
    curl_easy_setopt(handle, CURLOPT_HTTPHEADER, fields);
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, receive);
    curl_easy_setopt(handle, CURLOPT_WRITEDATA, &exchanges[index]);
    curl_easy_setopt(handle, CURLOPT_PRIVATE, &exchanges[index]);
  }
  struct timespec start, end;
  clock_gettime(CLOCK_MONOTONIC, &start);
  long in_flight = 0, done = 0;
  for (int index = 0; index < at_once && take_line(&exchanges[index]); index++, in_flight++)
    send_next(multi, &exchanges[index]);
  while (in_flight > 0) {
    struct exchange *over[most_at_once];
    int running, left, any = 0, waiting = 0;
    curl_multi_perform(multi, &running);
    for (CURLMsg *message; (message = curl_multi_info_read(multi, &left));) {
      if (message->msg != CURLMSG_DONE) continue;
      any = 1;
      CURL *handle = message->easy_handle;
      CURLcode result = message->data.result;
      struct exchange *exchange;
      long status = 0;
      curl_easy_getinfo(handle, CURLINFO_PRIVATE, &exchange);
      curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
      curl_multi_remove_handle(multi, handle);
      if (result != CURLE_OK || status != 200) fail(curl_easy_strerror(result));
      write_line(output, exchange);
      done++;
      if (each) synchronise(output);
      if (grouped)
        over[waiting++] = exchange;
      else if (!go_on(multi, exchange))
        in_flight--;
    }
    if (waiting > 0) synchronise(output);
    for (int index = 0; index < waiting; index++)
      if (!go_on(multi, over[index])) in_flight--;
    if (!any) curl_multi_poll(multi, NULL, 0, 1000, NULL);
  }
  clock_gettime(CLOCK_MONOTONIC, &end);
  int64_t elapsed = (end.tv_sec - start.tv_sec) * INT64_C(1000000000) + end.tv_nsec - start.tv_nsec;
  printf("%" PRId64 "\n", (int64_t)done * INT64_C(1000000000) / elapsed);
  return 0;
}
