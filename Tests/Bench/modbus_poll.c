// The yardstick of `make bench` for polling: reads the same registers as `heliobench modbus` in a
// loop over libmodbus and nothing else, and prints requests a second. Like any program that does so
// it believes whatever answer has the right transaction and length.
#include <errno.h>
#include <inttypes.h>
#include <modbus.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static const struct {
  int address, count;
} plan[] = {{0, 60}, {1000, 125}, {3000, 10}};
enum { spans = sizeof plan / sizeof plan[0] };

int main(int count, char **arguments) {
  int port = count == 3 ? atoi(arguments[1]) : 0;
  long polls = count == 3 ? atol(arguments[2]) : 0;
  if (port < 1 || polls < 1) {
    fprintf(stderr, "usage: modbus_poll PORT POLLS\n");
    return 2;
  }
  modbus_t *context = modbus_new_tcp("127.0.0.1", port);
  if (!context || modbus_connect(context) != 0 || modbus_set_slave(context, 1) != 0) {
    fprintf(stderr, "modbus_poll: %s\n", modbus_strerror(errno));
    return 1;
  }
  uint16_t words[125];
  uint64_t sum = 0;
  struct timespec start, end;
  clock_gettime(CLOCK_MONOTONIC, &start);
  for (long poll = 0; poll < polls; poll++)
    for (int span = 0; span < spans; span++) {
      if (modbus_read_registers(context, plan[span].address, plan[span].count, words) !=
          plan[span].count) {
        fprintf(stderr, "modbus_poll: %s\n", modbus_strerror(errno));
        return 1;
      }
      sum += words[0];
    }
  clock_gettime(CLOCK_MONOTONIC, &end);
  if (sum != (uint64_t)polls * (0 + (uint16_t)(1000 * 7) + (uint16_t)(3000 * 7))) {
    fprintf(stderr, "modbus_poll: the device holds something else\n");
    return 1;
  }
  int64_t elapsed = (end.tv_sec - start.tv_sec) * INT64_C(1000000000) + end.tv_nsec - start.tv_nsec;
  printf("%" PRId64 "\n", (int64_t)(polls * spans) * INT64_C(1000000000) / elapsed);
  modbus_close(context);
  modbus_free(context);
  return 0;
}
