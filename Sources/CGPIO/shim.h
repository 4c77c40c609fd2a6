#pragma once
#include <errno.h>
#include <gpiod.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

// One small interface over libgpiod 1.6 (Debian 12, Ubuntu 22.04) and 2.x (Debian 13). There is no
// version macro: the bulk limit is of 1.x alone. Functions that fail return -1 or NULL with errno.

#ifdef GPIOD_LINE_BULK_MAX_LINES
#define HELIOGRAPH_GPIOD_MAJOR 1
#else
#define HELIOGRAPH_GPIOD_MAJOR 2
#endif

// The most edges that one read takes.
#define HELIOGRAPH_GPIO_EDGES 64
// The edges that the kernel keeps of one line until they are read; 1.x has a fixed 16.
#define HELIOGRAPH_GPIO_KERNEL_EDGES 1024

#define HELIOGRAPH_GPIO_PULL_NONE 0
#define HELIOGRAPH_GPIO_PULL_UP 1
#define HELIOGRAPH_GPIO_PULL_DOWN 2

// An open line: a handle of the chip, and the request made through it.
struct heliograph_gpio_line {
  struct gpiod_chip *chip;
  unsigned int offset;
#if HELIOGRAPH_GPIOD_MAJOR == 1
  struct gpiod_line *line;
#else
  struct gpiod_line_request *request;
  struct gpiod_edge_event_buffer *buffer;
#endif
};

// One change of a line.
struct heliograph_gpio_edge {
  // Nanoseconds of the monotonic clock, taken in the kernel's interrupt handler.
  uint64_t nanoseconds;
  // Counts the line's edges from 1, those among them that were lost; 1.x leaves it 0.
  uint32_t number;
  // Whether the line is active after it.
  bool active;
};

static inline int heliograph_gpio_major(void) { return HELIOGRAPH_GPIOD_MAJOR; }

// The library's own version, "1.6.3".
static inline const char *heliograph_gpio_version(void) {
#if HELIOGRAPH_GPIOD_MAJOR == 1
  return gpiod_version_string();
#else
  return gpiod_api_version();
#endif
}

// Name and label of an open chip, cut to what fits; how many lines it has.
static inline int heliograph_gpio_describe_chip(
    struct gpiod_chip *chip, char *name, char *label, size_t size) {
#if HELIOGRAPH_GPIOD_MAJOR == 1
  snprintf(name, size, "%s", gpiod_chip_name(chip));
  snprintf(label, size, "%s", gpiod_chip_label(chip));
  return (int)gpiod_chip_num_lines(chip);
#else
  struct gpiod_chip_info *info = gpiod_chip_get_info(chip);
  if (info == NULL) return -1;
  snprintf(name, size, "%s", gpiod_chip_info_get_name(info));
  snprintf(label, size, "%s", gpiod_chip_info_get_label(info));
  int count = (int)gpiod_chip_info_get_num_lines(info);
  gpiod_chip_info_free(info);
  return count;
#endif
}

// Name and user of a line, empty where it has none; 1 when somebody uses it, 0 when it is free.
static inline int heliograph_gpio_describe_line(
    struct gpiod_chip *chip, unsigned int offset, char *name, char *user, size_t size) {
  const char *line_name, *line_user;
  int used;
#if HELIOGRAPH_GPIOD_MAJOR == 1
  struct gpiod_line *line = gpiod_chip_get_line(chip, offset);
  if (line == NULL) return -1;
  line_name = gpiod_line_name(line);
  line_user = gpiod_line_consumer(line);
  used = gpiod_line_is_used(line);
#else
  struct gpiod_line_info *info = gpiod_chip_get_line_info(chip, offset);
  if (info == NULL) return -1;
  line_name = gpiod_line_info_get_name(info);
  line_user = gpiod_line_info_get_consumer(info);
  used = gpiod_line_info_is_used(info);
#endif
  snprintf(name, size, "%s", line_name == NULL ? "" : line_name);
  snprintf(user, size, "%s", line_user == NULL ? "" : line_user);
#if HELIOGRAPH_GPIOD_MAJOR == 2
  gpiod_line_info_free(info);
#endif
  return used ? 1 : 0;
}

// Gives the line back to the kernel and forgets it; what level it has then is the board's affair.
static inline void heliograph_gpio_release(struct heliograph_gpio_line *line) {
  int code = errno;
#if HELIOGRAPH_GPIOD_MAJOR == 2
  if (line->request != NULL) gpiod_line_request_release(line->request);
  if (line->buffer != NULL) gpiod_edge_event_buffer_free(line->buffer);
#endif
  // 1.x releases the lines of a chip with the chip.
  if (line->chip != NULL) gpiod_chip_close(line->chip);
  free(line);
  errno = code;
}

static inline struct heliograph_gpio_line *heliograph_gpio_open(
    const char *path, unsigned int offset) {
  struct heliograph_gpio_line *line = calloc(1, sizeof *line);
  if (line == NULL) return NULL;
  line->offset = offset;
  line->chip = gpiod_chip_open(path);
  if (line->chip == NULL) {
    heliograph_gpio_release(line);
    return NULL;
  }
  return line;
}

#if HELIOGRAPH_GPIOD_MAJOR == 1
static inline int heliograph_gpio_flags(bool active_low, int pull) {
  int flags = active_low ? GPIOD_LINE_REQUEST_FLAG_ACTIVE_LOW : 0;
  if (pull == HELIOGRAPH_GPIO_PULL_UP) flags |= GPIOD_LINE_REQUEST_FLAG_BIAS_PULL_UP;
  if (pull == HELIOGRAPH_GPIO_PULL_DOWN) flags |= GPIOD_LINE_REQUEST_FLAG_BIAS_PULL_DOWN;
  return flags;
}
#else
// Requests the line with these settings and takes them away; 0 or -1.
static inline int heliograph_gpio_request(
    struct heliograph_gpio_line *line, const char *user, struct gpiod_line_settings *settings) {
  struct gpiod_line_config *lines = gpiod_line_config_new();
  struct gpiod_request_config *request = gpiod_request_config_new();
  if (settings != NULL && lines != NULL && request != NULL
      && gpiod_line_config_add_line_settings(lines, &line->offset, 1, settings) == 0) {
    gpiod_request_config_set_consumer(request, user);
    gpiod_request_config_set_event_buffer_size(request, HELIOGRAPH_GPIO_KERNEL_EDGES);
    line->request = gpiod_chip_request_lines(line->chip, request, lines);
  }
  int code = errno;
  if (lines != NULL) gpiod_line_config_free(lines);
  if (request != NULL) gpiod_request_config_free(request);
  if (settings != NULL) gpiod_line_settings_free(settings);
  errno = code;
  return line->request == NULL ? -1 : 0;
}
#endif

// Requests a line as an output that is inactive from the first moment.
static inline struct heliograph_gpio_line *heliograph_gpio_request_output(
    const char *path, unsigned int offset, const char *user, bool active_low) {
  struct heliograph_gpio_line *line = heliograph_gpio_open(path, offset);
  if (line == NULL) return NULL;
#if HELIOGRAPH_GPIOD_MAJOR == 1
  line->line = gpiod_chip_get_line(line->chip, offset);
  int result = line->line == NULL ? -1
      : gpiod_line_request_output_flags(
            line->line, user, heliograph_gpio_flags(active_low, HELIOGRAPH_GPIO_PULL_NONE), 0);
#else
  struct gpiod_line_settings *settings = gpiod_line_settings_new();
  if (settings != NULL) {
    gpiod_line_settings_set_direction(settings, GPIOD_LINE_DIRECTION_OUTPUT);
    gpiod_line_settings_set_active_low(settings, active_low);
    gpiod_line_settings_set_output_value(settings, GPIOD_LINE_VALUE_INACTIVE);
  }
  int result = heliograph_gpio_request(line, user, settings);
#endif
  if (result == 0) return line;
  heliograph_gpio_release(line);
  return NULL;
}

// Requests a line as an input whose changes are told, both ways.
static inline struct heliograph_gpio_line *heliograph_gpio_request_edges(
    const char *path, unsigned int offset, const char *user, bool active_low, int pull) {
  struct heliograph_gpio_line *line = heliograph_gpio_open(path, offset);
  if (line == NULL) return NULL;
#if HELIOGRAPH_GPIOD_MAJOR == 1
  line->line = gpiod_chip_get_line(line->chip, offset);
  int result = line->line == NULL ? -1
      : gpiod_line_request_both_edges_events_flags(
            line->line, user, heliograph_gpio_flags(active_low, pull));
#else
  struct gpiod_line_settings *settings = gpiod_line_settings_new();
  if (settings != NULL) {
    gpiod_line_settings_set_direction(settings, GPIOD_LINE_DIRECTION_INPUT);
    gpiod_line_settings_set_active_low(settings, active_low);
    gpiod_line_settings_set_edge_detection(settings, GPIOD_LINE_EDGE_BOTH);
    if (pull == HELIOGRAPH_GPIO_PULL_UP) {
      gpiod_line_settings_set_bias(settings, GPIOD_LINE_BIAS_PULL_UP);
    } else if (pull == HELIOGRAPH_GPIO_PULL_DOWN) {
      gpiod_line_settings_set_bias(settings, GPIOD_LINE_BIAS_PULL_DOWN);
    }
  }
  line->buffer = gpiod_edge_event_buffer_new(HELIOGRAPH_GPIO_EDGES);
  int result = line->buffer == NULL ? -1 : heliograph_gpio_request(line, user, settings);
#endif
  if (result == 0) return line;
  heliograph_gpio_release(line);
  return NULL;
}

// Makes an output active or not; 0 or -1.
static inline int heliograph_gpio_set(struct heliograph_gpio_line *line, bool active) {
#if HELIOGRAPH_GPIOD_MAJOR == 1
  return gpiod_line_set_value(line->line, active);
#else
  return gpiod_line_request_set_value(line->request, line->offset,
      active ? GPIOD_LINE_VALUE_ACTIVE : GPIOD_LINE_VALUE_INACTIVE);
#endif
}

// Whether a line is active: 1, 0 or -1.
static inline int heliograph_gpio_get(struct heliograph_gpio_line *line) {
#if HELIOGRAPH_GPIOD_MAJOR == 1
  return gpiod_line_get_value(line->line);
#else
  return (int)gpiod_line_request_get_value(line->request, line->offset);
#endif
}

// What to poll for reading before `heliograph_gpio_read_edges`, which waits otherwise.
static inline int heliograph_gpio_descriptor(struct heliograph_gpio_line *line) {
#if HELIOGRAPH_GPIOD_MAJOR == 1
  return gpiod_line_event_get_fd(line->line);
#else
  return gpiod_line_request_get_fd(line->request);
#endif
}

// Takes the edges that are there, at most HELIOGRAPH_GPIO_EDGES; how many, or -1.
static inline int heliograph_gpio_read_edges(
    struct heliograph_gpio_line *line, struct heliograph_gpio_edge *edges) {
#if HELIOGRAPH_GPIOD_MAJOR == 1
  struct gpiod_line_event events[16];
  int count = gpiod_line_event_read_multiple(line->line, events, 16);
  for (int index = 0; index < count; index++) {
    edges[index].nanoseconds =
        (uint64_t)events[index].ts.tv_sec * 1000000000u + (uint64_t)events[index].ts.tv_nsec;
    edges[index].number = 0;
    edges[index].active = events[index].event_type == GPIOD_LINE_EVENT_RISING_EDGE;
  }
#else
  int count =
      gpiod_line_request_read_edge_events(line->request, line->buffer, HELIOGRAPH_GPIO_EDGES);
  for (int index = 0; index < count; index++) {
    struct gpiod_edge_event *event =
        gpiod_edge_event_buffer_get_event(line->buffer, (unsigned long)index);
    edges[index].nanoseconds = gpiod_edge_event_get_timestamp_ns(event);
    edges[index].number = (uint32_t)gpiod_edge_event_get_line_seqno(event);
    edges[index].active =
        gpiod_edge_event_get_event_type(event) == GPIOD_EDGE_EVENT_RISING_EDGE;
  }
#endif
  return count;
}
