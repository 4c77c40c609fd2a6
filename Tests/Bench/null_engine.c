// The engine of `make bench`: answers each completion at once with the same few words, streamed where
// the request asks for it, so that what is left to measure is the queue before it. Speaks as much of
// llama-server as a runner asks for. Prints its port; when its standard input ends it prints how many
// requests came on how many connections, and ends.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { most_connections = 256, most_bytes = 1 << 16 };

static struct connection {
  int socket;
  size_t used;
  char bytes[most_bytes];
} connections[most_connections];

static char health[512], properties[512], models[512], missing[512], plain[1024], stream[4096];

static void fail(const char *what) {
  fprintf(stderr, "null_engine: %s: %s\n", what, strerror(errno));
  exit(1);
}

static void make(char *into, const char *status, const char *body) {
  sprintf(into, "HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s", status,
          strlen(body), body);
}

#define HEAD "\"created\":1782000000,\"id\":\"chatcmpl-null\",\"model\":\"null\""
#define USAGE "\"usage\":{\"completion_tokens\":4,\"prompt_tokens\":20,\"total_tokens\":24}"

static void add_event(const char *content) {
  char event[512];
  int length = sprintf(event, "data: %s\n\n", content);
  sprintf(stream + strlen(stream), "%x\r\n%s\r\n", (unsigned)length, event);
}

static void add_chunk(const char *choices, const char *rest) {
  char content[400];
  sprintf(content, "{\"choices\":[%s]," HEAD ",\"object\":\"chat.completion.chunk\"%s}", choices, rest);
  add_event(content);
}

static void make_answers(int slots) {
  char text[256];
  make(health, "200 OK", "{\"status\":\"ok\"}");
  sprintf(text, "{\"total_slots\":%d}", slots);
  make(properties, "200 OK", text);
  make(models, "200 OK", "{\"object\":\"list\",\"data\":[{\"id\":\"null\"}]}");
  make(missing, "404 Not Found", "{}");
  make(plain, "200 OK",
       "{\"choices\":[{\"finish_reason\":\"stop\",\"index\":0,\"message\":{\"role\":\"assistant\","
       "\"content\":\"It is sunny today.\"}}]," HEAD ",\"object\":\"chat.completion\"," USAGE "}");
  strcpy(stream,
         "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n");
  const char *words[] = {"It", " is", " sunny", " today."};
  for (int index = 0; index < 4; index++) {
    sprintf(text, "{\"finish_reason\":null,\"index\":0,\"delta\":{\"content\":\"%s\"}}", words[index]);
    add_chunk(text, "");
  }
  add_chunk("{\"finish_reason\":\"stop\",\"index\":0,\"delta\":{}}", "");
  add_chunk("", "," USAGE);
  add_event("[DONE]");
  strcat(stream, "0\r\n\r\n");
}

// The length of the first request in the connection's bytes; 0 while it is not whole.
static size_t request_length(const struct connection *connection) {
  const char *end = memmem(connection->bytes, connection->used, "\r\n\r\n", 4);
  if (!end) return 0;
  size_t head = (size_t)(end - connection->bytes) + 4;
  const char *field = memmem(connection->bytes, head, "Content-Length:", 15);
  size_t body = field ? strtoul(field + 15, NULL, 10) : 0;
  if (head + body > most_bytes) fail("a request is too long");
  return connection->used >= head + body ? head + body : 0;
}

static const char *answer(const char *request, size_t length) {
  if (memcmp(request, "POST ", 5) == 0)
    return memmem(request, length, "\"stream\":true", 13) ? stream : plain;
  if (memcmp(request, "GET /health ", 12) == 0) return health;
  if (memcmp(request, "GET /props ", 11) == 0) return properties;
  if (memcmp(request, "GET /v1/models ", 15) == 0) return models;
  return missing;
}

int main(int count, char **arguments) {
  int slots = count == 2 ? atoi(arguments[1]) : 0;
  if (slots < 1 || slots > 64) {
    fprintf(stderr, "usage: null_engine SLOTS\n");
    return 2;
  }
  make_answers(slots);
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  if (bind(listener, (struct sockaddr *)&address, size) != 0 || listen(listener, 64) != 0 ||
      getsockname(listener, (struct sockaddr *)&address, &size) != 0)
    fail("listen");
  int queue = epoll_create1(0);
  struct epoll_event wish = {.events = EPOLLIN, .data.ptr = &listener};
  if (epoll_ctl(queue, EPOLL_CTL_ADD, listener, &wish) != 0) fail("epoll");
  wish.data.ptr = NULL;
  if (epoll_ctl(queue, EPOLL_CTL_ADD, STDIN_FILENO, &wish) != 0) fail("its input is no pipe");
  printf("%d\n", ntohs(address.sin_port));
  fflush(stdout);
  long answered = 0, accepted = 0;
  for (;;) {
    struct epoll_event events[64];
    int ready = epoll_wait(queue, events, 64, -1);
    for (int index = 0; index < ready; index++) {
      if (!events[index].data.ptr) {
        printf("answered %ld requests on %ld connections\n", answered, accepted);
        return 0;
      }
      if (events[index].data.ptr == &listener) {
        int client = accept(listener, NULL, NULL);
        struct connection *free_one = connections;
        while (free_one < connections + most_connections && free_one->socket) free_one++;
        if (client < 0 || free_one == connections + most_connections) fail("accept");
        int yes = 1;
        setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        free_one->socket = client;
        free_one->used = 0;
        wish.data.ptr = free_one;
        if (epoll_ctl(queue, EPOLL_CTL_ADD, client, &wish) != 0) fail("epoll");
        accepted++;
        continue;
      }
      struct connection *connection = events[index].data.ptr;
      ssize_t got = read(connection->socket, connection->bytes + connection->used,
                         most_bytes - connection->used);
      if (got <= 0) {
        close(connection->socket);
        connection->socket = 0;
        continue;
      }
      connection->used += (size_t)got;
      size_t length;
      while ((length = request_length(connection)) > 0) {
        const char *words = answer(connection->bytes, length);
        size_t left = strlen(words);
        if (send(connection->socket, words, left, MSG_NOSIGNAL) != (ssize_t)left) break;
        if (connection->bytes[0] == 'P') answered++;
        connection->used -= length;
        memmove(connection->bytes, connection->bytes + length, connection->used);
      }
    }
  }
}
