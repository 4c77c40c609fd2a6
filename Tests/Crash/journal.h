// What disk.c writes down and lose.c reads: each change to a directory's files that was not waited
// for, with what was there before it.
#ifndef JOURNAL_H
#define JOURNAL_H

#include <stdint.h>

enum kind {
  // Bytes of an inode: `offset`, `count`, the file's size before, and the bytes that were there.
  entry_wrote = 1,
  // The inode's new size is `offset`; the bytes that were cut off.
  entry_cut,
  // Everything written to the inode is on the disk.
  entry_kept,
  // A name came, went (the inode is `saved`), or took another's place (which is `saved`).
  entry_made,
  entry_removed,
  entry_renamed,
  // The names in a directory are on the disk.
  entry_kept_names,
};

// Followed by the path, the other path, and the bytes.
struct entry {
  uint32_t kind;
  uint32_t path_length, other_length;
  uint32_t length;
  uint64_t inode;
  int64_t offset, count, size_before;
  // The number under which an inode that lost its name is kept; 0 for none.
  uint64_t saved;
};

// Where a journal's parts lie, in the directory that DISK_JOURNAL names.
#define journal_name "journal"
#define saved_format "%s/saved-%" PRIu64
// A letter for each durable point that was passed: w written, t cut, s synchronised, o made,
// r renamed, u removed.
#define points_name "points"

#endif
