#pragma once
#include <malloc.h>
#include <sqlite3.h>

// SQLITE_TRANSIENT is a cast that Swift can't import: SQLite copies the bytes before it returns.
static inline int heliograph_bind_copied_blob(
    sqlite3_stmt *statement, int position, const void *bytes, sqlite3_uint64 count) {
  // A null pointer would bind NULL; an empty value is not an unknown one.
  return count == 0 ? sqlite3_bind_zeroblob(statement, position, 0)
                    : sqlite3_bind_blob64(statement, position, bytes, count, SQLITE_TRANSIENT);
}

static inline int heliograph_bind_copied_text(
    sqlite3_stmt *statement, int position, const char *text) {
  return sqlite3_bind_text(statement, position, text, -1, SQLITE_TRANSIENT);
}

// Gives memory that is free back to the system; glibc keeps it otherwise. Its module for Swift
// leaves malloc.h out.
static inline void heliograph_return_free_memory(void) { malloc_trim(0); }
