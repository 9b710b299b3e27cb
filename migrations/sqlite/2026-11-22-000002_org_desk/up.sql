-- The coordinator's desk: members in the order of their names, and files that were checked and wait to be imported.

CREATE INDEX members_name ON members(lower(name), id);

CREATE TABLE uploads (
  id BLOB PRIMARY KEY,
  user_id BLOB NOT NULL REFERENCES users(id),
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  octets INTEGER NOT NULL,
  report TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  applied_at INTEGER
) STRICT;
CREATE INDEX uploads_expiry ON uploads(expires_at);
CREATE INDEX uploads_user ON uploads(user_id, id);

-- The file itself, in parts: no statement carries more than one.
CREATE TABLE upload_parts (
  upload_id BLOB NOT NULL REFERENCES uploads(id),
  part_no INTEGER NOT NULL,
  body BLOB NOT NULL,
  PRIMARY KEY (upload_id, part_no)
) STRICT;
