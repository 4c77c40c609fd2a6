// What a power cut takes: undoes part of what disk.c's journal says nobody waited for.
//
//   lose DIRECTORY JOURNAL SEED
//
// The seed throws one of four dice: everything that was not synchronised is gone; each page of
// 4,096 bytes, or each sector of 512, is as any of the writes since then left it; or each page is
// either new or old. A file's size is one that it had since, with what was cut off up to then, and
// of the changes of names those up to some point are there. Prints how many pieces of files and how many names it took
// back, and empties the journal.
#define _GNU_SOURCE
#include "journal.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { most_entries = 1 << 20, page = 4096, sector = 512 };
enum die { all_gone, any_page, any_sector, old_or_new };

struct change {
  struct entry entry;
  char *path, *other;
  uint8_t *bytes;
  // Whether it is on the disk for certain.
  bool is_kept;
};

static struct change *changes;
static size_t change_count;
static enum die die;
static uint64_t state;
static long lost_pieces, lost_names;

static void fail(const char *what) {
  fprintf(stderr, "lose: %s: %s\n", what, strerror(errno));
  exit(1);
}

// SplitMix64 (Steele, Lea and Flood, 2014).
static uint64_t draw(uint64_t below) {
  uint64_t mixed = state += UINT64_C(0x9E3779B97F4A7C15);
  mixed = (mixed ^ mixed >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
  mixed = (mixed ^ mixed >> 27) * UINT64_C(0x94D049BB133111EB);
  return (mixed ^ mixed >> 31) % below;
}

static void *room(size_t count) {
  void *bytes = calloc(count ? count : 1, 1);
  if (!bytes) fail("no memory");
  return bytes;
}

static uint8_t *read_file(const char *path, size_t *size) {
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) fail(path);
  struct stat status;
  if (fstat(file, &status) != 0) fail(path);
  uint8_t *bytes = room((size_t)status.st_size);
  for (*size = 0; *size < (size_t)status.st_size;) {
    ssize_t got = read(file, bytes + *size, (size_t)status.st_size - *size);
    if (got <= 0) fail(path);
    *size += (size_t)got;
  }
  close(file);
  return bytes;
}

static bool is_in(const char *path, const char *directory) {
  size_t length = strlen(directory);
  return path && strncmp(path, directory, length) == 0 && path[length] == '/' &&
         !strchr(path + length + 1, '/');
}

// Notes what a synchronising call has kept of all that came before it.
static void keep(const struct change *kept) {
  for (size_t at = 0; at < change_count; at++) {
    struct change *earlier = &changes[at];
    bool is_data = earlier->entry.kind == entry_wrote || earlier->entry.kind == entry_cut;
    if (kept->entry.kind == entry_kept && is_data && earlier->entry.inode == kept->entry.inode)
      earlier->is_kept = true;
    if (kept->entry.kind == entry_kept_names && is_in(earlier->path, kept->path))
      earlier->is_kept = true;
  }
}

static void read_journal(const char *path) {
  size_t size = 0, at = 0;
  uint8_t *bytes = read_file(path, &size);
  changes = room(most_entries * sizeof *changes);
  while (at + sizeof(struct entry) <= size) {
    struct change next = {0};
    memcpy(&next.entry, bytes + at, sizeof next.entry);
    size_t length = sizeof next.entry + next.entry.path_length + next.entry.other_length +
                    next.entry.length;
    // The last may have been cut off by the kill: then what it tells of was not begun.
    if (at + length > size) break;
    uint8_t *rest = bytes + at + sizeof next.entry;
    if (next.entry.path_length) next.path = strndup((char *)rest, next.entry.path_length);
    rest += next.entry.path_length;
    if (next.entry.other_length) next.other = strndup((char *)rest, next.entry.other_length);
    next.bytes = rest + next.entry.other_length;
    at += length;
    if (next.entry.kind == entry_kept || next.entry.kind == entry_kept_names) {
      keep(&next);
      continue;
    }
    // A number that an earlier file had means another file now.
    if (next.entry.kind == entry_made)
      for (size_t earlier = 0; earlier < change_count; earlier++)
        if (changes[earlier].entry.inode == next.entry.inode && !changes[earlier].path)
          changes[earlier].is_kept = true;
    if (change_count == most_entries) fail("the journal is too long");
    changes[change_count++] = next;
  }
}

// Of a file's changes that touch a piece: how many there are, how many are not undone yet, and how
// many stay. Those up to `least` stay for certain and those after `most` go.
struct piece { uint32_t touched, left, least, most; };

// The changes of one file that nobody waited for, oldest first.
static struct change **changes_of(uint64_t inode, size_t *count) {
  struct change **found = room((change_count + 1) * sizeof *found);
  *count = 0;
  for (size_t at = 0; at < change_count; at++)
    if (!changes[at].path && changes[at].entry.inode == inode && !changes[at].is_kept)
      found[(*count)++] = &changes[at];
  return found;
}

// How many of the changes have come into effect as far as the file's size goes: a file's size, and
// what cutting it took away, changes in order.
static size_t draw_reach(size_t count) {
  switch (die) {
  case all_gone: return 0;
  case old_or_new: return draw(2) ? count : 0;
  default: return draw(count + 1);
  }
}

static uint32_t draw_kept(const struct piece *piece) {
  switch (die) {
  case all_gone: return piece->least;
  case old_or_new: return draw(2) ? piece->most : piece->least;
  default: return piece->least + (uint32_t)draw(piece->most - piece->least + 1);
  }
}

static size_t first_piece(const struct entry *entry, size_t unit) {
  return (size_t)entry->offset / unit;
}
static size_t end_piece(const struct entry *entry, size_t unit) {
  if (entry->count == 0) return first_piece(entry, unit);
  return (size_t)(entry->offset + entry->count - 1) / unit + 1;
}

static void lose_bytes(const char *path, uint64_t inode) {
  size_t count = 0, current = 0;
  struct change **own = changes_of(inode, &count);
  if (count == 0) return free(own);
  uint8_t *content = read_file(path, &current);
  size_t most = current, unit = die == any_sector ? sector : page;
  for (size_t at = 0; at < count; at++) {
    struct entry *entry = &own[at]->entry;
    size_t end = (size_t)(entry->offset + entry->count), before = (size_t)entry->size_before;
    most = end > most ? end : most;
    most = before > most ? before : most;
  }
  content = realloc(content, most + 1);
  if (!content) fail("no memory");
  memset(content + current, 0, most - current);
  // What is cut off is cut off whole, and never without the file's size.
  size_t reach = draw_reach(count);
  size_t last_cut = 0, next_cut = count;
  for (size_t at = 0; at < count; at++) {
    if (own[at]->entry.kind != entry_cut) continue;
    if (at < reach) last_cut = at + 1;
    else if (next_cut == count) next_cut = at;
  }
  struct piece *pieces = room((most / unit + 1) * sizeof *pieces);
  for (size_t at = 0; at < count; at++)
    for (size_t place = first_piece(&own[at]->entry, unit); place < end_piece(&own[at]->entry, unit); place++) {
      struct piece *piece = &pieces[place];
      piece->left = ++piece->touched;
      if (at < last_cut) piece->least++;
      if (at < next_cut) piece->most++;
    }
  for (size_t place = 0; place <= most / unit; place++) {
    pieces[place].touched = draw_kept(&pieces[place]);
    if (pieces[place].touched < pieces[place].left) lost_pieces++;
  }
  // Backwards, each piece as far as its die says.
  for (size_t at = count; at-- > 0;) {
    struct entry *entry = &own[at]->entry;
    for (int64_t byte = 0; byte < entry->count; byte++) {
      struct piece *piece = &pieces[(size_t)(entry->offset + byte) / unit];
      if (piece->left > piece->touched)
        content[entry->offset + byte] = byte < entry->length ? own[at]->bytes[byte] : 0;
    }
    for (size_t place = first_piece(entry, unit); place < end_piece(entry, unit); place++)
      if (pieces[place].left > pieces[place].touched) pieces[place].left--;
  }
  int64_t size = reach < count ? own[reach]->entry.size_before : (int64_t)current;
  if (size < (int64_t)current) lost_pieces++;
  int file = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
  if (file < 0) fail(path);
  for (int64_t done = 0; done < size;) {
    ssize_t written = write(file, content + done, (size_t)(size - done));
    if (written <= 0) fail(path);
    done += written;
  }
  close(file);
  // A file that is about to lose its name has two.
  for (size_t at = 0; at < count; at++) own[at]->is_kept = true;
  free(content), free(pieces), free(own);
}

static int lose_in(const char *path, const struct stat *status, int kind, struct FTW *place) {
  (void)place;
  if (kind == FTW_F) lose_bytes(path, status->st_ino);
  return 0;
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *place) {
  (void)status, (void)kind, (void)place;
  return remove(path);
}

static bool has_inode(const char *path, uint64_t inode) {
  struct stat status;
  return lstat(path, &status) == 0 && status.st_ino == inode;
}

static void undo_name(const struct change *change, const char *journal) {
  char saved[PATH_MAX + 32];
  snprintf(saved, sizeof saved, saved_format, journal, change->entry.saved);
  uint64_t inode = change->entry.inode;
  switch (change->entry.kind) {
  case entry_made:
    if (!has_inode(change->path, inode)) return;
    if (nftw(change->path, remove_one, 16, FTW_DEPTH | FTW_PHYS) != 0) fail(change->path);
    break;
  case entry_removed:
    // Killed before it was done.
    if (has_inode(change->path, inode)) return;
    if (rename(saved, change->path) != 0) fail(saved);
    break;
  case entry_renamed:
    if (has_inode(change->path, inode)) return;
    if (rename(change->other, change->path) != 0) fail(change->other);
    if (change->entry.saved && rename(saved, change->other) != 0) fail(saved);
    break;
  default: return;
  }
  lost_names++;
}

// Directories one after the other: of each, the first so many changes of names are there.
static void lose_names(const char *journal) {
  // Nearly always one directory, so one die for all keeps the order that a file system keeps.
  size_t open = 0;
  for (size_t at = 0; at < change_count; at++) open += changes[at].path && !changes[at].is_kept;
  if (open == 0) return;
  size_t there = die == all_gone ? 0 : draw(open + 1);
  for (size_t at = change_count; at-- > 0 && open > there;) {
    if (!changes[at].path || changes[at].is_kept) continue;
    undo_name(&changes[at], journal);
    open--;
  }
}

static int empty_one(const char *path, const struct stat *status, int kind, struct FTW *place) {
  (void)status;
  return kind == FTW_F && place->level == 1 ? remove(path) : 0;
}

int main(int count, char **arguments) {
  if (count != 4) return fprintf(stderr, "usage: lose DIRECTORY JOURNAL SEED\n"), 2;
  state = strtoull(arguments[3], NULL, 10);
  die = (enum die)draw(4);
  char path[PATH_MAX + 16];
  snprintf(path, sizeof path, "%s/" journal_name, arguments[2]);
  // A process that was killed before its first change has none.
  if (access(path, F_OK) == 0) read_journal(path);
  // Contents first, also of files that have no name at the moment.
  if (nftw(arguments[1], lose_in, 16, FTW_PHYS) != 0) fail(arguments[1]);
  if (nftw(arguments[2], lose_in, 16, FTW_PHYS) != 0) fail(arguments[2]);
  lose_names(arguments[2]);
  if (nftw(arguments[2], empty_one, 16, FTW_PHYS) != 0) fail(arguments[2]);
  printf("%ld %ld\n", lost_pieces, lost_names);
  return 0;
}
