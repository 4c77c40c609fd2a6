// A hand at a simulated GPIO line: makes pulses and bounces on it through gpio-sim's `pull` file.
//
//   hand PULL pulses COUNT ON_MS OFF_MS     COUNT pulses, every other one beginning with bounces,
//                                           and the others ending with them
//   hand PULL clean COUNT ON_MS OFF_MS      the same without bounces
//   hand PULL spikes COUNT                  COUNT spikes of 1 to 5 ms, 20 ms apart
//   hand PULL hold MS                       high for MS
//
// Times are kept by the machine's own clock, and no pulse and no pause is ever shorter than it says
// less 4 ms. Spikes that came out longer than 9 ms are counted and said, for they were none.
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static int file;
static long stretched;

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1e3 + time.tv_nsec / 1e6;
}

static void rest_until(double end) {
  for (double left = end - now(); left > 0; left = end - now()) {
    // The last stretch is spun: an emulated machine's sleeps are coarse.
    if (left > 2) usleep((useconds_t)((left - 1) * 1e3));
  }
}

static void set(int high) {
  const char *text = high ? "pull-up" : "pull-down";
  if (pwrite(file, text, strlen(text), 0) < 0) {
    perror("pull");
    exit(1);
  }
}

// Back and forth a few times within some milliseconds, ending at `high`.
static void bounce(int high, unsigned *seed) {
  int times = 1 + rand_r(seed) % 3;
  for (int i = 0; i < times; i++) {
    double began = now();
    set(high);
    rest_until(now() + 0.3 + (rand_r(seed) % 10) / 10.0);
    set(!high);
    if (now() - began > 9) stretched++;
    rest_until(now() + 0.3 + (rand_r(seed) % 4) / 10.0);
  }
  set(high);
}

int main(int count, char **words) {
  if (count < 4 || (file = open(words[1], O_WRONLY)) < 0) {
    fprintf(stderr, "hand: %s\n", count < 4 ? "too few words" : words[1]);
    return 1;
  }
  unsigned seed = 1;
  long pulses = atol(words[3]);
  if (strcmp(words[2], "hold") == 0) {
    set(1);
    rest_until(now() + pulses);
    set(0);
  } else if (strcmp(words[2], "bounces") == 0) {
    for (long i = 0; i < pulses; i++) {
      double began = now();
      set(1);
      rest_until(began + 1 + i % 5);
      set(0);
      if (now() - began > 9) stretched++;
      rest_until(began + 20);
    }
  } else if (count == 6) {
    int bouncing = strcmp(words[2], "pulses") == 0;
    double on = atof(words[4]), off = atof(words[5]);
    double began = now(), next = began;
    for (long i = 0; i < pulses; i++) {
      if (bouncing && i % 2 == 0) bounce(1, &seed); else set(1);
      double steady = now();
      next += on;
      rest_until(next > steady + on - 4 ? next : steady + on - 4);
      if (bouncing && i % 2 == 1) bounce(0, &seed); else set(0);
      steady = now();
      next += off;
      rest_until(next > steady + off - 4 ? next : steady + off - 4);
      if (now() > next + on) next = now();
    }
    printf("rate %.2f Hz\n", pulses * 1e3 / (now() - began));
  }
  printf("stretched %ld\n", stretched);
  return 0;
}
