-- The rights of people: what they ask for, how it was answered, and what was erased.

-- What a person asks for about their data. wish and answer may hold personal data: both are emptied when the person is erased.
CREATE TABLE data_requests (
  id uuid PRIMARY KEY,
  member_id uuid NOT NULL REFERENCES members(id),
  unit_id uuid NOT NULL REFERENCES units(id),
  kind text COLLATE "C" NOT NULL,
  state text COLLATE "C" NOT NULL,
  asked_by text COLLATE "C" NOT NULL,
  asked_at timestamptz NOT NULL,
  due_at timestamptz NOT NULL,
  answered_at timestamptz,
  wish jsonb NOT NULL,
  answer text COLLATE "C" NOT NULL
);
CREATE INDEX data_requests_waiting ON data_requests(due_at, id) WHERE answered_at IS NULL;
CREATE INDEX data_requests_answered ON data_requests(answered_at, id) WHERE answered_at IS NOT NULL;
CREATE INDEX data_requests_member ON data_requests(member_id, id);
-- One request of a kind waits at a time.
CREATE UNIQUE INDEX data_requests_open ON data_requests(member_id, kind) WHERE answered_at IS NULL;

-- Who was erased: the id that was theirs says nothing about them. What still has to be done about the files is open until swept_at.
CREATE TABLE erasures (
  member_id uuid PRIMARY KEY REFERENCES members(id),
  erased_at timestamptz NOT NULL,
  listed_at timestamptz,
  swept_at timestamptz
);
CREATE INDEX erasures_open ON erasures(member_id) WHERE swept_at IS NULL;

-- Addresses of people who were erased, under a keyed hash: one that was suppressed stays so, and one that comes back is told of.
CREATE TABLE address_marks (
  id uuid PRIMARY KEY,
  address_hash text COLLATE "C" NOT NULL,
  mark text COLLATE "C" NOT NULL,
  reason text COLLATE "C" NOT NULL,
  campaign_id uuid REFERENCES campaigns(id),
  created_at timestamptz NOT NULL
);
CREATE INDEX address_marks_hash ON address_marks(address_hash);
CREATE INDEX address_marks_age ON address_marks(created_at);

-- What a notice is about: the mail that tells somebody of one thing to decide or of one decision.
CREATE TABLE notices (
  mail_id uuid PRIMARY KEY REFERENCES outbox(id),
  topic text COLLATE "C" NOT NULL,
  about_id uuid NOT NULL
);
