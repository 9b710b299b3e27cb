-- The tree over the log's entries (RFC 6962). A log that was begun anew has a row more; the one that goes on has no end.
CREATE TABLE ledger_logs (
  no integer PRIMARY KEY,
  origin text COLLATE "C" NOT NULL UNIQUE,
  -- ledger_entries.leaf_index of its first leaf.
  first_leaf bigint NOT NULL,
  size bigint NOT NULL,
  root bytea NOT NULL,
  frontier bytea NOT NULL,
  began_at timestamptz NOT NULL,
  ended_at timestamptz,
  -- Why it was ended.
  reason text COLLATE "C"
);

-- What was signed, as it was signed (C2SP tlog-checkpoint).
CREATE TABLE ledger_checkpoints (
  log_no integer NOT NULL REFERENCES ledger_logs(no),
  size bigint NOT NULL,
  root bytea NOT NULL,
  note text COLLATE "C" NOT NULL,
  signed_at timestamptz NOT NULL,
  PRIMARY KEY (log_no, size)
);
CREATE INDEX ledger_checkpoints_signed ON ledger_checkpoints(signed_at);

-- Hash tiles (C2SP tlog-tiles): up to 256 hashes of 32 bytes each; one that is full never changes.
CREATE TABLE ledger_tiles (
  log_no integer NOT NULL REFERENCES ledger_logs(no),
  level integer NOT NULL,
  idx bigint NOT NULL,
  hashes bytea NOT NULL,
  PRIMARY KEY (log_no, level, idx)
);

-- The public halves of the keys that sign, and from where to where each did. The secret halves are never here.
CREATE TABLE ledger_keys (
  public bytea PRIMARY KEY,
  from_log integer NOT NULL,
  from_size bigint NOT NULL,
  added_at timestamptz NOT NULL,
  -- From when on it signs no more.
  retires_at timestamptz,
  until_log integer,
  until_size bigint
);

-- How far each log was read anew and compared with its tiles and its checkpoint, and what came of it.
CREATE TABLE ledger_checks (
  log_no integer PRIMARY KEY REFERENCES ledger_logs(no),
  -- The size that the round in hand goes to; what it has built so far.
  target bigint NOT NULL,
  frontier bytea NOT NULL,
  began_at timestamptz NOT NULL,
  -- The last round that found nothing.
  sound_size bigint,
  sound_at timestamptz,
  -- The first entry that was found not to be what was sealed.
  broken_leaf bigint,
  broken_why text COLLATE "C",
  broken_found_at timestamptz
);
-- Hashes do not compress: that is not tried.
ALTER TABLE ledger_tiles ALTER COLUMN hashes SET STORAGE EXTERNAL;

-- Numbering an entry leaves its former row behind once: that space is taken up again soon, and the index over what is unsealed stays small.
ALTER TABLE ledger_entries SET (autovacuum_vacuum_scale_factor = 0.02);
