-- A sample that is kept: what decided the draw, what was drawn, and what the auditor found.
CREATE TABLE samples (
  id BLOB PRIMARY KEY,
  value TEXT NOT NULL,
  anchor TEXT NOT NULL,
  asked INTEGER NOT NULL,
  campaign_id BLOB REFERENCES campaigns(id),
  until_at INTEGER NOT NULL,
  drawn_by BLOB NOT NULL REFERENCES users(id),
  drawn_at INTEGER NOT NULL,
  sealed_at INTEGER,
  findings_sha256 TEXT
) STRICT;
CREATE INDEX samples_drawn ON samples(drawn_at);

CREATE TABLE sample_strata (
  sample_id BLOB NOT NULL REFERENCES samples(id),
  no INTEGER NOT NULL,
  layer INTEGER NOT NULL,
  -- None: units too small to stand alone, together.
  unit_id BLOB REFERENCES units(id),
  population INTEGER NOT NULL,
  drawn INTEGER NOT NULL,
  PRIMARY KEY (sample_id, no)
) STRICT;

CREATE TABLE sample_items (
  sample_id BLOB NOT NULL REFERENCES samples(id),
  no INTEGER NOT NULL,
  stratum INTEGER NOT NULL,
  assignment_id BLOB NOT NULL REFERENCES assignments(id),
  order_sha256 TEXT NOT NULL,
  finding TEXT,
  note TEXT NOT NULL,
  found_at INTEGER,
  PRIMARY KEY (sample_id, no)
) STRICT;
CREATE INDEX sample_items_assignment ON sample_items(assignment_id);

-- A correction that one person proposed and another has to confirm; a drill stops before anything is done.
CREATE TABLE correction_proposals (
  id BLOB PRIMARY KEY,
  campaign_id BLOB NOT NULL REFERENCES campaigns(id),
  drill INTEGER NOT NULL,
  body TEXT NOT NULL,
  proposed_by BLOB NOT NULL REFERENCES users(id),
  proposed_at INTEGER NOT NULL,
  confirmed_by BLOB REFERENCES users(id),
  ended_at INTEGER,
  outcome TEXT,
  asked INTEGER
) STRICT;
CREATE UNIQUE INDEX correction_proposals_open ON correction_proposals(campaign_id) WHERE ended_at IS NULL;
CREATE INDEX correction_proposals_campaign ON correction_proposals(campaign_id, id);
