-- New addresses that wait for their reader to confirm them. Personal: deleted when the person is erased.
CREATE TABLE address_changes (
  id uuid PRIMARY KEY,
  member_id uuid NOT NULL REFERENCES members(id),
  old_email text COLLATE "C" NOT NULL,
  email text COLLATE "C" NOT NULL,
  email_norm text COLLATE "C" NOT NULL,
  asked_by text COLLATE "C" NOT NULL,
  asked_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  settled_at timestamptz,
  outcome text COLLATE "C"
);
-- One waits at a time.
CREATE UNIQUE INDEX address_changes_open ON address_changes(member_id) WHERE settled_at IS NULL;
CREATE INDEX address_changes_due ON address_changes(expires_at, id) WHERE settled_at IS NULL;
CREATE INDEX address_changes_member ON address_changes(member_id, id);
