// The device of `make bench`: answers Modbus TCP by libmodbus at as many ports as it is told, and
// prints them. All 65,536 registers are there, for every unit. When its standard input ends it prints
// how many requests it answered, and ends.
#include <arpa/inet.h>
#include <errno.h>
#include <modbus.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { most_ports = 64, most_clients = 128 };

static void fail(const char *what) {
  fprintf(stderr, "modbus_server: %s: %s\n", what, modbus_strerror(errno));
  exit(1);
}

int main(int count, char **arguments) {
  int ports = count == 2 ? atoi(arguments[1]) : 0;
  if (ports < 1 || ports > most_ports) fail("usage: modbus_server PORTS");
  modbus_t *context = modbus_new_tcp("127.0.0.1", 0);
  modbus_mapping_t *mapping = modbus_mapping_new(0, 0, 65536, 65536);
  if (!context || !mapping) fail("no memory");
  for (int index = 0; index < 65536; index++) {
    mapping->tab_registers[index] = (uint16_t)(index * 7);
    mapping->tab_input_registers[index] = (uint16_t)(index * 3);
  }
  struct pollfd waits[1 + most_ports + most_clients];
  memset(waits, 0, sizeof waits);
  waits[0].fd = STDIN_FILENO;
  waits[0].events = POLLIN;
  for (int index = 1; index <= ports; index++) {
    int listener = modbus_tcp_listen(context, 4);
    if (listener < 0) fail("listen");
    struct sockaddr_in address;
    socklen_t size = sizeof address;
    if (getsockname(listener, (struct sockaddr *)&address, &size) != 0) fail("port");
    printf("%d\n", ntohs(address.sin_port));
    waits[index].fd = listener;
    waits[index].events = POLLIN;
  }
  fflush(stdout);
  int used = 1 + ports;
  long answered = 0;
  uint8_t query[MODBUS_TCP_MAX_ADU_LENGTH];
  while (poll(waits, (nfds_t)used, -1) >= 0) {
    if (waits[0].revents) break;
    for (int index = 1; index < used; index++) {
      if (!waits[index].revents) continue;
      if (index <= ports) {
        int client = accept(waits[index].fd, NULL, NULL);
        if (client < 0) continue;
        if (used == 1 + ports + most_clients) {
          close(client);
          continue;
        }
        waits[used] = (struct pollfd){.fd = client, .events = POLLIN};
        used++;
        continue;
      }
      modbus_set_socket(context, waits[index].fd);
      int length = modbus_receive(context, query);
      if (length > 0) length = modbus_reply(context, query, length, mapping);
      if (length > 0) answered++;
      if (length < 0) {
        close(waits[index].fd);
        waits[index] = waits[--used];
        index--;
      }
    }
  }
  printf("answered %ld\n", answered);
  return 0;
}
