-- A sample that is kept: what decided the draw, what was drawn, and what the auditor found.
CREATE TABLE samples (
  id uuid PRIMARY KEY,
  value text COLLATE "C" NOT NULL,
  anchor text COLLATE "C" NOT NULL,
  asked integer NOT NULL,
  campaign_id uuid REFERENCES campaigns(id),
  until_at timestamptz NOT NULL,
  drawn_by uuid NOT NULL REFERENCES users(id),
  drawn_at timestamptz NOT NULL,
  sealed_at timestamptz,
  findings_sha256 text COLLATE "C"
);
CREATE INDEX samples_drawn ON samples(drawn_at);

CREATE TABLE sample_strata (
  sample_id uuid NOT NULL REFERENCES samples(id),
  no integer NOT NULL,
  layer smallint NOT NULL,
  -- None: units too small to stand alone, together.
  unit_id uuid REFERENCES units(id),
  population integer NOT NULL,
  drawn integer NOT NULL,
  PRIMARY KEY (sample_id, no)
);

CREATE TABLE sample_items (
  sample_id uuid NOT NULL REFERENCES samples(id),
  no integer NOT NULL,
  stratum integer NOT NULL,
  assignment_id uuid NOT NULL REFERENCES assignments(id),
  order_sha256 text COLLATE "C" NOT NULL,
  finding text COLLATE "C",
  note text COLLATE "C" NOT NULL,
  found_at timestamptz,
  PRIMARY KEY (sample_id, no)
);
CREATE INDEX sample_items_assignment ON sample_items(assignment_id);

-- A correction that one person proposed and another has to confirm; a drill stops before anything is done.
CREATE TABLE correction_proposals (
  id uuid PRIMARY KEY,
  campaign_id uuid NOT NULL REFERENCES campaigns(id),
  drill boolean NOT NULL,
  body text COLLATE "C" NOT NULL,
  proposed_by uuid NOT NULL REFERENCES users(id),
  proposed_at timestamptz NOT NULL,
  confirmed_by uuid REFERENCES users(id),
  ended_at timestamptz,
  outcome text COLLATE "C",
  asked bigint
);
CREATE UNIQUE INDEX correction_proposals_open ON correction_proposals(campaign_id) WHERE ended_at IS NULL;
CREATE INDEX correction_proposals_campaign ON correction_proposals(campaign_id, id);
