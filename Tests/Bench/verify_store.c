// The yardstick of `make bench`: verifies and stores a file of records with libsodium and SQLite
// and nothing else. Same schema, pragmas and batch as Heliograph's RecordStore. It checks less than
// a node (signature and digest, no full decoding, no chain, no accounts), so it is hard to beat.
#include <inttypes.h>
#include <sodium.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { batch = 100, signature_bytes = 64, community_bytes = 16, key_bytes = 32, proof_bytes = 8,
       most_chains = 64 };

static void fail(const char *what) {
  fprintf(stderr, "verify_store: %s\n", what);
  exit(1);
}

static void run(sqlite3 *database, const char *sql) {
  char *message = NULL;
  if (sqlite3_exec(database, sql, NULL, NULL, &message) != SQLITE_OK) fail(message);
}

// The unsigned integer at *position of the CBOR bytes; moves the position past it.
static uint64_t unsigned_at(const uint8_t *bytes, size_t *position) {
  uint8_t first = bytes[(*position)++] & 31;
  if (first < 24) return first;
  uint64_t value = 0;
  for (int count = 1 << (first - 24); count > 0; count--) value = value << 8 | bytes[(*position)++];
  return value;
}

// The number of a chain, which is made when it is first seen.
static sqlite3_int64 chain_number(
    sqlite3 *database, const uint8_t *community, const uint8_t *author) {
  static uint8_t known[most_chains][key_bytes];
  static int chains = 0;
  for (int chain = 0; chain < chains; chain++)
    if (memcmp(known[chain], author, key_bytes) == 0) return chain + 1;
  if (chains == most_chains) fail("too many authors");
  memcpy(known[chains], author, key_bytes);
  sqlite3_stmt *insert = NULL;
  if (sqlite3_prepare_v2(
          database, "INSERT INTO chain(community, author) VALUES(?, ?)", -1, &insert, NULL) !=
      SQLITE_OK)
    fail(sqlite3_errmsg(database));
  sqlite3_bind_blob(insert, 1, community, community_bytes, SQLITE_STATIC);
  sqlite3_bind_blob(insert, 2, author, key_bytes, SQLITE_STATIC);
  if (sqlite3_step(insert) != SQLITE_DONE) fail(sqlite3_errmsg(database));
  sqlite3_finalize(insert);
  return ++chains;
}

int main(int count, char **arguments) {
  if (count != 3) fail("usage: verify_store FILE DATABASE");
  if (sodium_init() < 0) fail("no libsodium");
  FILE *file = fopen(arguments[1], "rb");
  if (!file) fail("the records can't be opened");
  fseek(file, 0, SEEK_END);
  size_t size = (size_t)ftell(file);
  rewind(file);
  uint8_t *bytes = malloc(size);
  if (!bytes || fread(bytes, 1, size, file) != size) fail("the records can't be read");
  fclose(file);

  sqlite3 *database = NULL;
  if (sqlite3_open(arguments[2], &database) != SQLITE_OK) fail(sqlite3_errmsg(database));
  run(database, "PRAGMA locking_mode=EXCLUSIVE; PRAGMA cache_size=-1024;"
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL");
  run(database,
      "CREATE TABLE chain(number INTEGER PRIMARY KEY, community BLOB NOT NULL,"
      "author BLOB NOT NULL, UNIQUE(community, author));"
      "CREATE TABLE record(arrival INTEGER PRIMARY KEY, chain INTEGER NOT NULL,"
      "sequence INTEGER NOT NULL, proof BLOB NOT NULL, bytes BLOB NOT NULL);"
      "CREATE INDEX place ON record(chain, sequence)");
  sqlite3_stmt *insert = NULL;
  if (sqlite3_prepare_v2(
          database, "INSERT INTO record(chain, sequence, proof, bytes) VALUES(?, ?, ?, ?)", -1, &insert, NULL) !=
      SQLITE_OK)
    fail(sqlite3_errmsg(database));

  struct timespec start, end;
  clock_gettime(CLOCK_MONOTONIC, &start);
  size_t offset = 0;
  long records = 0;
  while (offset + 4 <= size) {
    size_t length = (size_t)bytes[offset] << 24 | (size_t)bytes[offset + 1] << 16 |
                    (size_t)bytes[offset + 2] << 8 | bytes[offset + 3];
    const uint8_t *record = bytes + offset + 4;
    size_t content = length - signature_bytes;
    // array(10), version, community as bytes(16), author as bytes(32), sequence
    const uint8_t *community = record + 3;
    const uint8_t *author = community + community_bytes + 2;
    size_t position = (size_t)(author - record) + key_bytes;
    uint64_t sequence = unsigned_at(record, &position);
    uint8_t identity[32];
    crypto_generichash(identity, sizeof identity, record, content, NULL, 0);
    if (crypto_sign_verify_detached(record + content, record, content, author) != 0)
      fail("a signature is bad");
    if (records % batch == 0) run(database, "BEGIN IMMEDIATE");
    sqlite3_bind_int64(insert, 1, chain_number(database, community, author));
    sqlite3_bind_int64(insert, 2, (sqlite3_int64)sequence);
    sqlite3_bind_blob(insert, 3, identity, proof_bytes, SQLITE_STATIC);
    sqlite3_bind_blob(insert, 4, record, (int)length, SQLITE_STATIC);
    if (sqlite3_step(insert) != SQLITE_DONE) fail(sqlite3_errmsg(database));
    sqlite3_reset(insert);
    records++;
    if (records % batch == 0) run(database, "COMMIT");
    offset += 4 + length;
  }
  if (records % batch != 0) run(database, "COMMIT");
  clock_gettime(CLOCK_MONOTONIC, &end);
  int64_t elapsed = (end.tv_sec - start.tv_sec) * INT64_C(1000000000) + end.tv_nsec - start.tv_nsec;
  printf("%" PRId64 "\n", (int64_t)records * INT64_C(1000000000) / elapsed);
  sqlite3_finalize(insert);
  sqlite3_close(database);
  free(bytes);
  return 0;
}
