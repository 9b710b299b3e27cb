-- The rights of people: what they ask for, how it was answered, and what was erased.

-- What a person asks for about their data. wish and answer may hold personal data: both are emptied when the person is erased.
CREATE TABLE data_requests (
  id BLOB PRIMARY KEY,
  member_id BLOB NOT NULL REFERENCES members(id),
  unit_id BLOB NOT NULL REFERENCES units(id),
  kind TEXT NOT NULL,
  state TEXT NOT NULL,
  asked_by TEXT NOT NULL,
  asked_at INTEGER NOT NULL,
  due_at INTEGER NOT NULL,
  answered_at INTEGER,
  wish TEXT NOT NULL,
  answer TEXT NOT NULL
) STRICT;
CREATE INDEX data_requests_waiting ON data_requests(due_at, id) WHERE answered_at IS NULL;
CREATE INDEX data_requests_answered ON data_requests(answered_at, id) WHERE answered_at IS NOT NULL;
CREATE INDEX data_requests_member ON data_requests(member_id, id);
-- One request of a kind waits at a time.
CREATE UNIQUE INDEX data_requests_open ON data_requests(member_id, kind) WHERE answered_at IS NULL;

-- Who was erased: the id that was theirs says nothing about them. What still has to be done about the files is open until swept_at.
CREATE TABLE erasures (
  member_id BLOB PRIMARY KEY REFERENCES members(id),
  erased_at INTEGER NOT NULL,
  listed_at INTEGER,
  swept_at INTEGER
) STRICT;
CREATE INDEX erasures_open ON erasures(member_id) WHERE swept_at IS NULL;

-- Addresses of people who were erased, under a keyed hash: one that was suppressed stays so, and one that comes back is told of.
CREATE TABLE address_marks (
  id BLOB PRIMARY KEY,
  address_hash TEXT NOT NULL,
  mark TEXT NOT NULL,
  reason TEXT NOT NULL,
  campaign_id BLOB REFERENCES campaigns(id),
  created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX address_marks_hash ON address_marks(address_hash);
CREATE INDEX address_marks_age ON address_marks(created_at);

-- What a notice is about: the mail that tells somebody of one thing to decide or of one decision.
CREATE TABLE notices (
  mail_id BLOB PRIMARY KEY REFERENCES outbox(id),
  topic TEXT NOT NULL,
  about_id BLOB NOT NULL
) STRICT;
