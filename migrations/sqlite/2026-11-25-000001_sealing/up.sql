-- The tree over the log's entries (RFC 6962). A log that was begun anew has a row more; the one that goes on has no end.
CREATE TABLE ledger_logs (
  no INTEGER PRIMARY KEY,
  origin TEXT NOT NULL UNIQUE,
  -- ledger_entries.leaf_index of its first leaf.
  first_leaf INTEGER NOT NULL,
  size INTEGER NOT NULL,
  root BLOB NOT NULL,
  frontier BLOB NOT NULL,
  began_at INTEGER NOT NULL,
  ended_at INTEGER,
  -- Why it was ended.
  reason TEXT
) STRICT;

-- What was signed, as it was signed (C2SP tlog-checkpoint).
CREATE TABLE ledger_checkpoints (
  log_no INTEGER NOT NULL REFERENCES ledger_logs(no),
  size INTEGER NOT NULL,
  root BLOB NOT NULL,
  note TEXT NOT NULL,
  signed_at INTEGER NOT NULL,
  PRIMARY KEY (log_no, size)
) STRICT;
CREATE INDEX ledger_checkpoints_signed ON ledger_checkpoints(signed_at);

-- Hash tiles (C2SP tlog-tiles): up to 256 hashes of 32 bytes each; one that is full never changes.
CREATE TABLE ledger_tiles (
  log_no INTEGER NOT NULL REFERENCES ledger_logs(no),
  level INTEGER NOT NULL,
  idx INTEGER NOT NULL,
  hashes BLOB NOT NULL,
  PRIMARY KEY (log_no, level, idx)
) STRICT;

-- The public halves of the keys that sign, and from where to where each did. The secret halves are never here.
CREATE TABLE ledger_keys (
  public BLOB PRIMARY KEY,
  from_log INTEGER NOT NULL,
  from_size INTEGER NOT NULL,
  added_at INTEGER NOT NULL,
  -- From when on it signs no more.
  retires_at INTEGER,
  until_log INTEGER,
  until_size INTEGER
) STRICT;

-- How far each log was read anew and compared with its tiles and its checkpoint, and what came of it.
CREATE TABLE ledger_checks (
  log_no INTEGER PRIMARY KEY REFERENCES ledger_logs(no),
  -- The size that the round in hand goes to; what it has built so far.
  target INTEGER NOT NULL,
  frontier BLOB NOT NULL,
  began_at INTEGER NOT NULL,
  -- The last round that found nothing.
  sound_size INTEGER,
  sound_at INTEGER,
  -- The first entry that was found not to be what was sealed.
  broken_leaf INTEGER,
  broken_why TEXT,
  broken_found_at INTEGER
) STRICT;
