-- The coordinator's desk: members in the order of their names, and files that were checked and wait to be imported.

CREATE INDEX members_name ON members(lower(name), id);

CREATE TABLE uploads (
  id uuid PRIMARY KEY,
  user_id uuid NOT NULL REFERENCES users(id),
  kind text COLLATE "C" NOT NULL,
  name text COLLATE "C" NOT NULL,
  sha256 text COLLATE "C" NOT NULL,
  octets bigint NOT NULL,
  report jsonb NOT NULL,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  applied_at timestamptz
);
CREATE INDEX uploads_expiry ON uploads(expires_at);
CREATE INDEX uploads_user ON uploads(user_id, id);

-- The file itself, in parts: no statement carries more than one.
CREATE TABLE upload_parts (
  upload_id uuid NOT NULL REFERENCES uploads(id),
  part_no integer NOT NULL,
  body bytea NOT NULL,
  PRIMARY KEY (upload_id, part_no)
);
