// A disk that can lose what was not synchronised, laid under a program with LD_PRELOAD.
//
// Every change goes to the real files at once, and what it replaces goes to a journal before it.
// The kernel keeps both when the process is killed, so lose.c can afterwards take back any part of
// what nobody waited for, as a power cut may. What is undone is never more than what was written
// since the last fsync or fdatasync of that file that returned, or of that directory for names.
//
//   DISK_DIRECTORY   the directory that is watched, absolute, with all below it
//   DISK_JOURNAL     a directory on the same file system, outside of it
//   DISK_KILL=N:W    SIGKILL at the N-th durable point: before it (W 0), after it (1), or, where
//                    it writes, after half of its bytes (2)
//   DISK_IGNORES_SYNC=1   synchronising says that it worked and keeps nothing
#define _GNU_SOURCE
#include "journal.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum { most_files = 65536, most_points = 1 << 20 };

static struct {
  bool ready, ignores_sync;
  char directory[PATH_MAX], journal_directory[PATH_MAX];
  size_t length;
  int journal;
  int points_file;
  uint64_t points, kill_at;
  int kill_when;
  uint64_t saved;
} disk = {.journal = -1, .points_file = -1};

// Whether a descriptor is of a watched file or directory.
static bool is_watched[most_files];
static pthread_mutex_t lock = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;

#define real(name, result, ...)                                   \
  static result (*real_##name)(__VA_ARGS__);                      \
  static void find_##name(void) {                                 \
    real_##name = (result(*)(__VA_ARGS__))dlsym(RTLD_NEXT, #name); \
  }

real(openat, int, int, const char *, int, ...)
real(close, int, int)
real(write, ssize_t, int, const void *, size_t)
real(pwrite, ssize_t, int, const void *, size_t, off_t)
real(pread, ssize_t, int, void *, size_t, off_t)
real(ftruncate, int, int, off_t)
real(fsync, int, int)
real(fdatasync, int, int)
real(renameat, int, int, const char *, int, const char *)
real(unlinkat, int, int, const char *, int)
real(mkdirat, int, int, const char *, mode_t)
real(mmap, void *, void *, size_t, int, int, int, off_t)

static void stop(const char *what) {
  dprintf(2, "disk: %s: %s\n", what, strerror(errno));
  abort();
}

static void begin(void) {
  if (disk.ready) return;
  disk.ready = true;
  find_openat(), find_close(), find_write(), find_pwrite(), find_pread(), find_ftruncate();
  find_fsync(), find_fdatasync(), find_renameat(), find_unlinkat(), find_mkdirat(), find_mmap();
  const char *directory = getenv("DISK_DIRECTORY"), *journal = getenv("DISK_JOURNAL");
  if (!directory || !journal) return;
  if (!realpath(directory, disk.directory)) stop(directory);
  if (!realpath(journal, disk.journal_directory)) stop(journal);
  disk.length = strlen(disk.directory);
  char path[PATH_MAX + 16];
  snprintf(path, sizeof path, "%s/" journal_name, disk.journal_directory);
  disk.journal = real_openat(AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  snprintf(path, sizeof path, "%s/" points_name, disk.journal_directory);
  disk.points_file = real_openat(AT_FDCWD, path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (disk.journal < 0 || disk.points_file < 0) stop(path);
  const char *kill_text = getenv("DISK_KILL");
  if (kill_text) sscanf(kill_text, "%" SCNu64 ":%d", &disk.kill_at, &disk.kill_when);
  disk.ignores_sync = getenv("DISK_IGNORES_SYNC") != NULL;
}

__attribute__((constructor)) static void load(void) { begin(); }

static void die(void) {
  kill(getpid(), SIGKILL);
  for (;;) pause();
}

// Counts a durable point; whether the process is to end within it (2) or after it (1).
static int pass_point(char letter) {
  disk.points++;
  if (disk.points <= most_points) real_write(disk.points_file, &letter, 1);
  if (disk.points != disk.kill_at) return 0;
  if (disk.kill_when == 0) die();
  return letter == 'w' && disk.kill_when == 2 ? 2 : 1;
}

// The absolute path; whether it is the watched directory or below it.
static bool is_below(int folder, const char *path, char absolute[PATH_MAX]) {
  if (disk.journal < 0) return false;
  if (path[0] == '/') {
    if (strlen(path) >= PATH_MAX) return false;
    strcpy(absolute, path);
  } else {
    char name[64], here[PATH_MAX];
    if (folder == AT_FDCWD) snprintf(name, sizeof name, "/proc/self/cwd");
    else snprintf(name, sizeof name, "/proc/self/fd/%d", folder);
    ssize_t length = readlink(name, here, sizeof here - 1);
    if (length < 0) return false;
    here[length] = 0;
    if (snprintf(absolute, PATH_MAX, "%s/%s", here, path) >= PATH_MAX) return false;
  }
  return strncmp(absolute, disk.directory, disk.length) == 0 &&
         (absolute[disk.length] == '/' || absolute[disk.length] == 0);
}

static bool descriptor_is_watched(int file) {
  return file >= 0 && file < most_files && is_watched[file];
}

// Writes an entry in one piece; a kill within it leaves a piece that lose.c passes over, and then
// what it tells of was not begun.
static void note(struct entry entry, const char *path, const char *other, const void *bytes) {
  entry.path_length = path ? (uint32_t)strlen(path) : 0;
  entry.other_length = other ? (uint32_t)strlen(other) : 0;
  struct iovec parts[4] = {{&entry, sizeof entry},
                           {(void *)path, entry.path_length},
                           {(void *)other, entry.other_length},
                           {(void *)bytes, entry.length}};
  size_t total = sizeof entry + entry.path_length + entry.other_length + entry.length;
  if (writev(disk.journal, parts, 4) != (ssize_t)total) stop("the journal can't be written");
}

static uint64_t inode_of(int file) {
  struct stat status;
  if (fstat(file, &status) != 0) stop("fstat");
  return status.st_ino;
}

// The bytes that are about to be replaced; to be freed.
static void *bytes_at(int file, off_t offset, size_t count, uint32_t *found) {
  char name[64];
  // The descriptor may be for writing only.
  snprintf(name, sizeof name, "/proc/self/fd/%d", file);
  int reader = real_openat(AT_FDCWD, name, O_RDONLY | O_CLOEXEC);
  if (reader < 0) stop("a file can't be read");
  char *bytes = malloc(count ? count : 1);
  size_t have = 0;
  while (bytes && have < count) {
    ssize_t got = real_pread(reader, bytes + have, count - have, offset + (off_t)have);
    if (got < 0) stop("a file can't be read");
    if (got == 0) break;
    have += (size_t)got;
  }
  if (!bytes) stop("no memory");
  real_close(reader);
  *found = (uint32_t)have;
  return bytes;
}

static off_t size_of(int file) {
  struct stat status;
  if (fstat(file, &status) != 0) stop("fstat");
  return status.st_size;
}

static ssize_t change(int file, const void *bytes, size_t count, off_t offset, bool is_plain) {
  struct entry entry = {.kind = entry_wrote, .inode = inode_of(file), .offset = offset,
                        .count = (int64_t)count, .size_before = size_of(file)};
  void *before = bytes_at(file, offset, count, &entry.length);
  note(entry, NULL, NULL, before);
  free(before);
  int end = pass_point('w');
  if (end == 2) count /= 2;
  ssize_t written =
      is_plain ? real_write(file, bytes, count) : real_pwrite(file, bytes, count, offset);
  if (end) die();
  return written;
}

ssize_t write(int file, const void *bytes, size_t count) {
  begin();
  if (!descriptor_is_watched(file)) return real_write(file, bytes, count);
  pthread_mutex_lock(&lock);
  bool appends = fcntl(file, F_GETFL) & O_APPEND;
  off_t offset = appends ? size_of(file) : lseek(file, 0, SEEK_CUR);
  ssize_t written = change(file, bytes, count, offset, true);
  int code = errno;
  pthread_mutex_unlock(&lock);
  errno = code;
  return written;
}

ssize_t pwrite(int file, const void *bytes, size_t count, off_t offset) {
  begin();
  if (!descriptor_is_watched(file)) return real_pwrite(file, bytes, count, offset);
  pthread_mutex_lock(&lock);
  ssize_t written = change(file, bytes, count, offset, false);
  int code = errno;
  pthread_mutex_unlock(&lock);
  errno = code;
  return written;
}
ssize_t pwrite64(int file, const void *bytes, size_t count, off_t offset) {
  return pwrite(file, bytes, count, offset);
}

ssize_t writev(int file, const struct iovec *parts, int count) {
  begin();
  if (!descriptor_is_watched(file)) {
    static ssize_t (*real_writev)(int, const struct iovec *, int);
    if (!real_writev) real_writev = (ssize_t(*)(int, const struct iovec *, int))dlsym(RTLD_NEXT, "writev");
    return real_writev(file, parts, count);
  }
  // A short write is allowed: the caller goes on with the next part.
  for (int part = 0; part < count; part++)
    if (parts[part].iov_len) return write(file, parts[part].iov_base, parts[part].iov_len);
  return 0;
}

int ftruncate(int file, off_t size) {
  begin();
  if (!descriptor_is_watched(file)) return real_ftruncate(file, size);
  pthread_mutex_lock(&lock);
  struct entry entry = {.kind = entry_cut, .inode = inode_of(file), .offset = size,
                        .size_before = size_of(file)};
  void *before = NULL;
  if (size < entry.size_before)
    before = bytes_at(file, size, (size_t)(entry.size_before - size), &entry.length);
  entry.count = entry.length;
  note(entry, NULL, NULL, before);
  free(before);
  int end = pass_point('t');
  int result = real_ftruncate(file, size), code = errno;
  if (end) die();
  pthread_mutex_unlock(&lock);
  errno = code;
  return result;
}
int ftruncate64(int file, off_t size) { return ftruncate(file, size); }

static int synchronise(int file, int (*call)(int)) {
  char name[64], path[PATH_MAX];
  snprintf(name, sizeof name, "/proc/self/fd/%d", file);
  ssize_t length = readlink(name, path, sizeof path - 1);
  char absolute[PATH_MAX];
  if (length < 0) return call(file);
  path[length] = 0;
  if (!descriptor_is_watched(file) && !is_below(AT_FDCWD, path, absolute)) return call(file);
  pthread_mutex_lock(&lock);
  int end = pass_point('s');
  // Nothing waits for the real disk: a process that is killed loses nothing of what it wrote, and
  // what is lost here is lost by lose.c.
  if (!disk.ignores_sync) {
    struct stat status;
    if (fstat(file, &status) != 0) stop("fstat");
    bool names = S_ISDIR(status.st_mode);
    struct entry entry = {.kind = names ? entry_kept_names : entry_kept, .inode = status.st_ino};
    note(entry, names ? path : NULL, NULL, NULL);
  }
  if (end) die();
  pthread_mutex_unlock(&lock);
  return 0;
}

int fsync(int file) { begin(); return synchronise(file, real_fsync); }
int fdatasync(int file) { begin(); return synchronise(file, real_fdatasync); }

static int open_watched(int folder, const char *path, int flags, mode_t mode) {
  begin();
  char absolute[PATH_MAX];
  bool watched = is_below(folder, path, absolute);
  if (!watched) return real_openat(folder, path, flags, mode);
  pthread_mutex_lock(&lock);
  struct stat status;
  bool was_there = stat(absolute, &status) == 0;
  bool makes = (flags & O_CREAT) && !was_there;
  int end = makes ? pass_point('o') : 0;
  int file = real_openat(folder, path, flags & ~O_TRUNC, mode), code = errno;
  if (file >= most_files) stop("too many files");
  if (file >= 0) {
    is_watched[file] = true;
    if (makes) note((struct entry){.kind = entry_made, .inode = inode_of(file)}, absolute, NULL, NULL);
  }
  if (end) die();
  if (file >= 0 && (flags & O_TRUNC) && size_of(file) > 0) ftruncate(file, 0);
  pthread_mutex_unlock(&lock);
  errno = code;
  return file;
}

#define with_mode(flags, mode)                        \
  mode_t mode = 0;                                    \
  if (((flags) & O_CREAT) || ((flags) & O_TMPFILE) == O_TMPFILE) { \
    va_list rest;                                     \
    va_start(rest, flags);                            \
    mode = va_arg(rest, mode_t);                      \
    va_end(rest);                                     \
  }

int open(const char *path, int flags, ...) {
  with_mode(flags, mode) return open_watched(AT_FDCWD, path, flags, mode);
}
int open64(const char *path, int flags, ...) {
  with_mode(flags, mode) return open_watched(AT_FDCWD, path, flags, mode);
}
int openat(int folder, const char *path, int flags, ...) {
  with_mode(flags, mode) return open_watched(folder, path, flags, mode);
}
int openat64(int folder, const char *path, int flags, ...) {
  with_mode(flags, mode) return open_watched(folder, path, flags, mode);
}

int close(int file) {
  begin();
  if (file >= 0 && file < most_files) is_watched[file] = false;
  return real_close(file);
}

// Keeps the inode that a name is about to lose; its number, 0 where there is none.
static uint64_t save(const char *path) {
  char kept[PATH_MAX + 32];
  struct stat status;
  if (lstat(path, &status) != 0) return 0;
  do snprintf(kept, sizeof kept, saved_format, disk.journal_directory, ++disk.saved);
  while (link(path, kept) != 0 && errno == EEXIST);
  if (access(kept, F_OK) != 0) stop("a file that goes can't be kept");
  return disk.saved;
}

static int rename_watched(int folder, const char *from, int other, const char *to) {
  begin();
  char old[PATH_MAX], new[PATH_MAX];
  bool leaves = is_below(folder, from, old), arrives = is_below(other, to, new);
  if (!leaves && !arrives) return real_renameat(folder, from, other, to);
  struct stat status;
  if (leaves != arrives) stop("a file can't be moved into or out of the directory");
  if (lstat(old, &status) != 0) return -1;
  pthread_mutex_lock(&lock);
  struct entry entry = {.kind = entry_renamed, .inode = status.st_ino, .saved = save(new)};
  note(entry, old, new, NULL);
  int end = pass_point('r');
  int result = real_renameat(folder, from, other, to), code = errno;
  if (end) die();
  pthread_mutex_unlock(&lock);
  errno = code;
  return result;
}
int rename(const char *from, const char *to) {
  return rename_watched(AT_FDCWD, from, AT_FDCWD, to);
}
int renameat(int folder, const char *from, int other, const char *to) {
  return rename_watched(folder, from, other, to);
}

static int remove_watched(int folder, const char *path, int flags) {
  begin();
  char absolute[PATH_MAX];
  struct stat status;
  bool watched = is_below(folder, path, absolute) && lstat(absolute, &status) == 0;
  // A directory that goes is empty, and is made anew where what it held comes back.
  if (!watched || (flags & AT_REMOVEDIR)) return real_unlinkat(folder, path, flags);
  pthread_mutex_lock(&lock);
  struct entry entry = {.kind = entry_removed, .inode = status.st_ino, .saved = save(absolute)};
  note(entry, absolute, NULL, NULL);
  int end = pass_point('u');
  int result = real_unlinkat(folder, path, flags), code = errno;
  if (end) die();
  pthread_mutex_unlock(&lock);
  errno = code;
  return result;
}
int unlink(const char *path) { return remove_watched(AT_FDCWD, path, 0); }
int unlinkat(int folder, const char *path, int flags) {
  return remove_watched(folder, path, flags);
}

static int mkdir_watched(int folder, const char *path, mode_t mode) {
  begin();
  char absolute[PATH_MAX];
  if (!is_below(folder, path, absolute)) return real_mkdirat(folder, path, mode);
  pthread_mutex_lock(&lock);
  int end = pass_point('o');
  int result = real_mkdirat(folder, path, mode), code = errno;
  struct stat status;
  if (result == 0 && stat(absolute, &status) == 0)
    note((struct entry){.kind = entry_made, .inode = status.st_ino}, absolute, NULL, NULL);
  if (end) die();
  pthread_mutex_unlock(&lock);
  errno = code;
  return result;
}
int mkdir(const char *path, mode_t mode) { return mkdir_watched(AT_FDCWD, path, mode); }
int mkdirat(int folder, const char *path, mode_t mode) { return mkdir_watched(folder, path, mode); }

// What is written through a mapping would go by unseen.
void *mmap(void *place, size_t length, int access, int flags, int file, off_t offset) {
  begin();
  if ((access & PROT_WRITE) && (flags & MAP_SHARED) && descriptor_is_watched(file))
    stop("a watched file is mapped for writing");
  return real_mmap(place, length, access, flags, file, offset);
}
void *mmap64(void *place, size_t length, int access, int flags, int file, off_t offset) {
  return mmap(place, length, access, flags, file, offset);
}
