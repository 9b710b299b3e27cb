-- New addresses that wait for their reader to confirm them. Personal: deleted when the person is erased.
CREATE TABLE address_changes (
  id BLOB PRIMARY KEY,
  member_id BLOB NOT NULL REFERENCES members(id),
  old_email TEXT NOT NULL,
  email TEXT NOT NULL,
  email_norm TEXT NOT NULL,
  asked_by TEXT NOT NULL,
  asked_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  settled_at INTEGER,
  outcome TEXT
) STRICT;
-- One waits at a time.
CREATE UNIQUE INDEX address_changes_open ON address_changes(member_id) WHERE settled_at IS NULL;
CREATE INDEX address_changes_due ON address_changes(expires_at, id) WHERE settled_at IS NULL;
CREATE INDEX address_changes_member ON address_changes(member_id, id);
