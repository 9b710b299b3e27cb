-- The spine: organisation, accounts, campaigns, work, mail, log.

CREATE TABLE units (
  id uuid PRIMARY KEY,
  parent_id uuid REFERENCES units(id),
  code text COLLATE "C" NOT NULL,
  code_norm text COLLATE "C" NOT NULL UNIQUE,
  name text COLLATE "C" NOT NULL,
  zone text COLLATE "C" NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  version integer NOT NULL
);
CREATE INDEX units_parent ON units(parent_id);

-- Every ancestor of every unit, itself included at depth 0: a role's reach is one join.
CREATE TABLE unit_closure (
  ancestor_id uuid NOT NULL REFERENCES units(id),
  descendant_id uuid NOT NULL REFERENCES units(id),
  depth integer NOT NULL,
  PRIMARY KEY (ancestor_id, descendant_id)
);
CREATE INDEX unit_closure_descendant ON unit_closure(descendant_id, ancestor_id);

-- Pseudonyms: who a subject reference in the log stands for. Erasing a person deletes the row.
CREATE TABLE subjects (
  subject_ref text COLLATE "C" PRIMARY KEY,
  holder_kind text COLLATE "C" NOT NULL,
  holder_id uuid NOT NULL,
  created_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX subjects_holder ON subjects(holder_kind, holder_id);

CREATE TABLE members (
  id uuid PRIMARY KEY,
  unit_id uuid NOT NULL REFERENCES units(id),
  subject_ref text COLLATE "C" NOT NULL UNIQUE,
  employee_no text COLLATE "C" NOT NULL,
  employee_no_norm text COLLATE "C" NOT NULL UNIQUE,
  name text COLLATE "C" NOT NULL,
  email text COLLATE "C" NOT NULL,
  email_norm text COLLATE "C" NOT NULL UNIQUE,
  locale text COLLATE "C" NOT NULL,
  zone text COLLATE "C" NOT NULL,
  state text COLLATE "C" NOT NULL,
  participate_version text COLLATE "C",
  operate_version text COLLATE "C",
  link_version integer NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  version integer NOT NULL
);
CREATE INDEX members_unit ON members(unit_id, id);

CREATE TABLE consents (
  id uuid PRIMARY KEY,
  member_id uuid NOT NULL REFERENCES members(id),
  kind text COLLATE "C" NOT NULL,
  text_version text COLLATE "C" NOT NULL,
  requested_at timestamptz NOT NULL,
  given_at timestamptz,
  withdrawn_at timestamptz
);
CREATE INDEX consents_member ON consents(member_id, kind);
CREATE UNIQUE INDEX consents_open ON consents(member_id, kind, text_version) WHERE withdrawn_at IS NULL;

CREATE TABLE users (
  id uuid PRIMARY KEY,
  subject_ref text COLLATE "C" NOT NULL UNIQUE,
  email text COLLATE "C" NOT NULL,
  email_norm text COLLATE "C" NOT NULL UNIQUE,
  name text COLLATE "C" NOT NULL,
  password_hash text COLLATE "C" NOT NULL,
  locale text COLLATE "C" NOT NULL,
  zone text COLLATE "C" NOT NULL,
  active boolean NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  version integer NOT NULL
);

CREATE TABLE user_roles (
  user_id uuid NOT NULL REFERENCES users(id),
  unit_id uuid NOT NULL REFERENCES units(id),
  role text COLLATE "C" NOT NULL,
  granted_at timestamptz NOT NULL,
  PRIMARY KEY (user_id, unit_id, role)
);
CREATE INDEX user_roles_unit ON user_roles(unit_id, role);

CREATE TABLE sessions (
  token_hash bytea PRIMARY KEY,
  user_id uuid NOT NULL REFERENCES users(id),
  created_at timestamptz NOT NULL,
  last_seen_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL
);
CREATE INDEX sessions_user ON sessions(user_id);
CREATE INDEX sessions_expiry ON sessions(expires_at);

CREATE TABLE accounts (
  id uuid PRIMARY KEY,
  unit_id uuid NOT NULL REFERENCES units(id),
  member_id uuid NOT NULL REFERENCES members(id),
  kind text COLLATE "C" NOT NULL,
  layer smallint NOT NULL,
  personal boolean NOT NULL,
  platform text COLLATE "C" NOT NULL,
  handle text COLLATE "C" NOT NULL,
  handle_norm text COLLATE "C" NOT NULL,
  display_name text COLLATE "C" NOT NULL,
  language text COLLATE "C" NOT NULL,
  followers integer NOT NULL,
  engagement text COLLATE "C",
  public_name boolean NOT NULL,
  state text COLLATE "C" NOT NULL,
  disclosed_until timestamptz,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  version integer NOT NULL
);
CREATE UNIQUE INDEX accounts_handle ON accounts(platform, handle_norm);
-- Rule 2: one natural person, one account per platform.
CREATE UNIQUE INDEX accounts_one_per_person ON accounts(member_id, platform) WHERE personal AND state <> 'retired';
CREATE INDEX accounts_unit ON accounts(unit_id, id);
CREATE INDEX accounts_member ON accounts(member_id);
CREATE INDEX accounts_layer ON accounts(layer, platform, id);

CREATE TABLE account_topics (
  account_id uuid NOT NULL REFERENCES accounts(id),
  topic text COLLATE "C" NOT NULL,
  PRIMARY KEY (account_id, topic)
);
CREATE INDEX account_topics_topic ON account_topics(topic, account_id);

-- People who run an institution's account besides the one who is asked.
CREATE TABLE account_operators (
  account_id uuid NOT NULL REFERENCES accounts(id),
  member_id uuid NOT NULL REFERENCES members(id),
  PRIMARY KEY (account_id, member_id)
);
CREATE INDEX account_operators_member ON account_operators(member_id);

CREATE TABLE disclosures (
  id uuid PRIMARY KEY,
  account_id uuid NOT NULL REFERENCES accounts(id),
  statement text COLLATE "C" NOT NULL,
  url text COLLATE "C" NOT NULL,
  state text COLLATE "C" NOT NULL,
  filed_by text COLLATE "C" NOT NULL,
  filed_at timestamptz NOT NULL,
  checked_by text COLLATE "C",
  checked_at timestamptz,
  expires_at timestamptz,
  note text COLLATE "C" NOT NULL
);
CREATE INDEX disclosures_account ON disclosures(account_id, filed_at);
CREATE INDEX disclosures_waiting ON disclosures(filed_at) WHERE state = 'filed';

CREATE TABLE blocked_targets (
  id uuid PRIMARY KEY,
  platform text COLLATE "C" NOT NULL,
  handle text COLLATE "C" NOT NULL,
  handle_norm text COLLATE "C" NOT NULL,
  label text COLLATE "C" NOT NULL,
  added_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX blocked_targets_handle ON blocked_targets(platform, handle_norm);

CREATE TABLE freezes (
  id uuid PRIMARY KEY,
  label text COLLATE "C" NOT NULL,
  starts_at timestamptz NOT NULL,
  ends_at timestamptz NOT NULL,
  added_at timestamptz NOT NULL
);

CREATE TABLE claims (
  id uuid PRIMARY KEY,
  unit_id uuid NOT NULL REFERENCES units(id),
  claim text COLLATE "C" NOT NULL,
  seen_url text COLLATE "C",
  fact text COLLATE "C" NOT NULL,
  source_url text COLLATE "C" NOT NULL,
  filed_at timestamptz NOT NULL,
  filed_by uuid REFERENCES users(id)
);
CREATE INDEX claims_unit ON claims(unit_id, id);

CREATE TABLE campaigns (
  id uuid PRIMARY KEY,
  unit_id uuid NOT NULL REFERENCES units(id),
  slug text COLLATE "C" NOT NULL UNIQUE,
  title text COLLATE "C" NOT NULL,
  state text COLLATE "C" NOT NULL,
  content jsonb NOT NULL,
  content_hash text COLLATE "C" NOT NULL,
  author_id uuid NOT NULL REFERENCES users(id),
  submitted_by uuid REFERENCES users(id),
  submitted_at timestamptz,
  released_at timestamptz,
  started_at timestamptz,
  paused_at timestamptz,
  ended_at timestamptz,
  note text COLLATE "C" NOT NULL,
  schedule_id uuid,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  version integer NOT NULL
);
CREATE INDEX campaigns_unit ON campaigns(unit_id, id);
CREATE INDEX campaigns_state ON campaigns(state, id);

CREATE TABLE releases (
  id uuid PRIMARY KEY,
  campaign_id uuid NOT NULL REFERENCES campaigns(id),
  content_hash text COLLATE "C" NOT NULL,
  released_by uuid NOT NULL REFERENCES users(id),
  released_at timestamptz NOT NULL,
  voided_at timestamptz
);
CREATE UNIQUE INDEX releases_current ON releases(campaign_id) WHERE voided_at IS NULL;

CREATE TABLE freeze_reasons (
  campaign_id uuid NOT NULL REFERENCES campaigns(id),
  content_hash text COLLATE "C" NOT NULL,
  given_by uuid NOT NULL REFERENCES users(id),
  reason text COLLATE "C" NOT NULL,
  given_at timestamptz NOT NULL,
  PRIMARY KEY (campaign_id, content_hash)
);

-- url_key is the platform and its own id of the post: a post may answer at several addresses.
CREATE TABLE posts (
  id uuid PRIMARY KEY,
  campaign_id uuid REFERENCES campaigns(id),
  wave_id uuid,
  assignment_id uuid,
  account_id uuid NOT NULL REFERENCES accounts(id),
  unit_id uuid NOT NULL REFERENCES units(id),
  layer smallint NOT NULL,
  platform text COLLATE "C" NOT NULL,
  url text COLLATE "C" NOT NULL,
  url_key text COLLATE "C" NOT NULL,
  registered_at timestamptz NOT NULL,
  removed_at timestamptz
);
CREATE UNIQUE INDEX posts_url ON posts(url_key) WHERE removed_at IS NULL;
CREATE INDEX posts_wave ON posts(wave_id, registered_at);
CREATE INDEX posts_unit ON posts(unit_id, id);

CREATE TABLE waves (
  id uuid PRIMARY KEY,
  campaign_id uuid NOT NULL REFERENCES campaigns(id),
  unit_id uuid NOT NULL REFERENCES units(id),
  ordinal integer NOT NULL,
  name text COLLATE "C" NOT NULL,
  layer smallint NOT NULL,
  state text COLLATE "C" NOT NULL,
  timing jsonb NOT NULL,
  waits_for uuid,
  cascade boolean NOT NULL,
  opens_at timestamptz,
  grace_s integer NOT NULL,
  open_s integer NOT NULL,
  remind_before_end_s integer,
  audience jsonb NOT NULL,
  opened_at timestamptz,
  closes_at timestamptz,
  filled_at timestamptz,
  closed_at timestamptz,
  held_reason text COLLATE "C",
  lease_until timestamptz,
  cursor uuid
);
CREATE INDEX waves_campaign ON waves(campaign_id, ordinal);
CREATE INDEX waves_due ON waves(opens_at) WHERE state = 'planned';
CREATE INDEX waves_opening ON waves(lease_until) WHERE state = 'opening';
CREATE INDEX waves_closing ON waves(closes_at) WHERE state = 'open';
CREATE INDEX waves_waiting ON waves(waits_for) WHERE state = 'planned';

-- One busy row a wave, apart from its plan. mail_planned = sent + failed + suppressed + unknown + cancelled + still open.
CREATE TABLE wave_counts (
  wave_id uuid PRIMARY KEY REFERENCES waves(id),
  planned bigint NOT NULL DEFAULT 0,
  done bigint NOT NULL DEFAULT 0,
  declined bigint NOT NULL DEFAULT 0,
  expired bigint NOT NULL DEFAULT 0,
  withdrawn bigint NOT NULL DEFAULT 0,
  mail_planned bigint NOT NULL DEFAULT 0,
  mail_sent bigint NOT NULL DEFAULT 0,
  mail_failed bigint NOT NULL DEFAULT 0,
  mail_suppressed bigint NOT NULL DEFAULT 0,
  mail_unknown bigint NOT NULL DEFAULT 0,
  mail_cancelled bigint NOT NULL DEFAULT 0
);

-- Counts by unit, for the pages: maintained in the transaction of each change, never counted.
CREATE TABLE wave_unit_counts (
  wave_id uuid NOT NULL REFERENCES waves(id),
  unit_id uuid NOT NULL REFERENCES units(id),
  planned bigint NOT NULL DEFAULT 0,
  done bigint NOT NULL DEFAULT 0,
  declined bigint NOT NULL DEFAULT 0,
  expired bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (wave_id, unit_id)
);

CREATE TABLE tasks (
  id uuid PRIMARY KEY,
  wave_id uuid NOT NULL REFERENCES waves(id),
  campaign_id uuid NOT NULL REFERENCES campaigns(id),
  ordinal integer NOT NULL,
  platform text COLLATE "C" NOT NULL,
  action text COLLATE "C" NOT NULL,
  brief text COLLATE "C" NOT NULL,
  target jsonb NOT NULL,
  target_post_id uuid REFERENCES posts(id),
  target_claim_id uuid REFERENCES claims(id),
  own_words boolean NOT NULL,
  evidence_required boolean NOT NULL
);
CREATE UNIQUE INDEX tasks_wave_platform ON tasks(wave_id, platform);

CREATE TABLE variants (
  id uuid PRIMARY KEY,
  task_id uuid NOT NULL REFERENCES tasks(id),
  ordinal integer NOT NULL,
  locale text COLLATE "C" NOT NULL,
  body text COLLATE "C" NOT NULL
);
CREATE INDEX variants_task ON variants(task_id, ordinal);

CREATE TABLE assignments (
  id uuid PRIMARY KEY,
  task_id uuid NOT NULL REFERENCES tasks(id),
  wave_id uuid NOT NULL REFERENCES waves(id),
  campaign_id uuid NOT NULL REFERENCES campaigns(id),
  account_id uuid NOT NULL REFERENCES accounts(id),
  member_id uuid NOT NULL REFERENCES members(id),
  unit_id uuid NOT NULL REFERENCES units(id),
  state text COLLATE "C" NOT NULL,
  planned_at timestamptz NOT NULL,
  notified_at timestamptz,
  opened_at timestamptz,
  settled_at timestamptz,
  checked_at timestamptz,
  expires_at timestamptz NOT NULL,
  remind_at timestamptz,
  link_version integer NOT NULL DEFAULT 1,
  variant_no integer NOT NULL
);
CREATE UNIQUE INDEX assignments_task_account ON assignments(task_id, account_id);
CREATE INDEX assignments_wave ON assignments(wave_id, id);
CREATE INDEX assignments_member ON assignments(member_id, planned_at);
CREATE INDEX assignments_remind ON assignments(remind_at) WHERE state = 'notified';
CREATE INDEX assignments_open ON assignments(wave_id, expires_at) WHERE state IN ('planned', 'notified');

CREATE TABLE completions (
  id uuid PRIMARY KEY,
  assignment_id uuid NOT NULL REFERENCES assignments(id),
  account_id uuid NOT NULL REFERENCES accounts(id),
  wave_id uuid NOT NULL REFERENCES waves(id),
  level text COLLATE "C" NOT NULL,
  url text COLLATE "C",
  url_key text COLLATE "C",
  own_words boolean NOT NULL,
  suspected boolean NOT NULL,
  completed_at timestamptz NOT NULL,
  checked_at timestamptz,
  checked_by uuid REFERENCES users(id),
  undone_at timestamptz
);
CREATE UNIQUE INDEX completions_current ON completions(assignment_id) WHERE undone_at IS NULL;
-- A post is used as evidence once, at whichever of its addresses.
CREATE UNIQUE INDEX completions_url ON completions(url_key) WHERE url_key IS NOT NULL AND undone_at IS NULL;
-- What reviewers have not looked at.
CREATE INDEX completions_unchecked ON completions(id) WHERE level = 'linked' AND checked_at IS NULL AND undone_at IS NULL;

CREATE TABLE outbox (
  id uuid PRIMARY KEY,
  kind text COLLATE "C" NOT NULL,
  assignment_id uuid REFERENCES assignments(id),
  wave_id uuid REFERENCES waves(id),
  campaign_id uuid REFERENCES campaigns(id),
  member_id uuid REFERENCES members(id),
  user_id uuid REFERENCES users(id),
  consent_id uuid REFERENCES consents(id),
  dedupe text COLLATE "C",
  state text COLLATE "C" NOT NULL,
  held boolean NOT NULL DEFAULT false,
  attempt integer NOT NULL DEFAULT 0,
  deferrals integer NOT NULL DEFAULT 0,
  next_attempt_at timestamptz NOT NULL,
  lease_until timestamptz,
  last_error text COLLATE "C",
  settled_at timestamptz,
  created_at timestamptz NOT NULL
);
-- Each assignment has one mail of a kind.
CREATE UNIQUE INDEX outbox_assignment_kind ON outbox(assignment_id, kind) WHERE assignment_id IS NOT NULL;
CREATE UNIQUE INDEX outbox_dedupe ON outbox(dedupe) WHERE dedupe IS NOT NULL;
CREATE INDEX outbox_pending ON outbox(next_attempt_at, id) WHERE state = 'pending' AND NOT held;
CREATE INDEX outbox_deferred ON outbox(next_attempt_at, id) WHERE state = 'deferred' AND NOT held;
CREATE INDEX outbox_leases ON outbox(lease_until) WHERE state = 'sending';
CREATE INDEX outbox_campaign ON outbox(campaign_id, state);
CREATE INDEX outbox_member ON outbox(member_id);
CREATE INDEX outbox_wave ON outbox(wave_id, state);

CREATE TABLE suppressions (
  id uuid PRIMARY KEY,
  email_norm text COLLATE "C" NOT NULL,
  scope text COLLATE "C" NOT NULL,
  reason text COLLATE "C" NOT NULL,
  created_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX suppressions_email ON suppressions(email_norm, scope);

-- The built-in mailbox: what transport "mailbox" delivered.
CREATE TABLE mailbox (
  id uuid PRIMARY KEY,
  message_id text COLLATE "C" NOT NULL UNIQUE,
  mail_from text COLLATE "C" NOT NULL,
  rcpt_to text COLLATE "C" NOT NULL,
  subject text COLLATE "C" NOT NULL,
  raw bytea NOT NULL,
  received_at timestamptz NOT NULL
);
CREATE INDEX mailbox_rcpt ON mailbox(rcpt_to, id);

-- Recurring campaigns: the occurrence is inserted in the transaction that advances next_due_at.
CREATE TABLE schedules (
  id uuid PRIMARY KEY,
  campaign_id uuid NOT NULL REFERENCES campaigns(id),
  content_hash text COLLATE "C" NOT NULL,
  pattern text COLLATE "C" NOT NULL,
  zone text COLLATE "C" NOT NULL,
  policy text COLLATE "C" NOT NULL,
  grace_s integer NOT NULL,
  ends_at timestamptz,
  next_due_at timestamptz,
  last_planned_at timestamptz NOT NULL,
  stopped_at timestamptz,
  created_at timestamptz NOT NULL,
  version integer NOT NULL
);
CREATE INDEX schedules_due ON schedules(next_due_at) WHERE stopped_at IS NULL;

CREATE TABLE occurrences (
  schedule_id uuid NOT NULL REFERENCES schedules(id),
  planned_at timestamptz NOT NULL,
  campaign_id uuid REFERENCES campaigns(id),
  outcome text COLLATE "C" NOT NULL,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (schedule_id, planned_at)
);

CREATE TABLE idempotency_keys (
  actor_id uuid NOT NULL,
  idem_key text COLLATE "C" NOT NULL,
  request_hash bytea NOT NULL,
  status integer NOT NULL,
  location text COLLATE "C",
  body text COLLATE "C" NOT NULL,
  created_at timestamptz NOT NULL,
  PRIMARY KEY (actor_id, idem_key)
);
CREATE INDEX idempotency_keys_age ON idempotency_keys(created_at);

-- The log. Numbering and sealing (leaf_index, sealed_at) are filled in by the sealing sweep.
CREATE TABLE ledger_entries (
  id uuid PRIMARY KEY,
  at timestamptz NOT NULL,
  kind text COLLATE "C" NOT NULL,
  actor_kind text COLLATE "C" NOT NULL,
  actor_ref text COLLATE "C" NOT NULL,
  unit_id uuid,
  campaign_id uuid,
  wave_id uuid,
  assignment_id uuid,
  subject_ref text COLLATE "C",
  payload jsonb NOT NULL,
  commitment bytea,
  leaf_index bigint,
  sealed_at timestamptz
);
CREATE UNIQUE INDEX ledger_entries_leaf ON ledger_entries(leaf_index) WHERE leaf_index IS NOT NULL;
CREATE INDEX ledger_entries_unsealed ON ledger_entries(id) WHERE leaf_index IS NULL;
CREATE INDEX ledger_entries_at ON ledger_entries(at, id);
CREATE INDEX ledger_entries_kind ON ledger_entries(kind, at, id);
CREATE INDEX ledger_entries_actor ON ledger_entries(actor_ref, at, id);
CREATE INDEX ledger_entries_campaign ON ledger_entries(campaign_id, at, id);
CREATE INDEX ledger_entries_unit ON ledger_entries(unit_id, at, id);
CREATE INDEX ledger_entries_subject ON ledger_entries(subject_ref, at, id);
CREATE INDEX ledger_entries_assignment ON ledger_entries(assignment_id, at) WHERE assignment_id IS NOT NULL;

-- What a commitment hides: salt and personal detail. Erasing a person deletes the row; the entry still verifies.
CREATE TABLE ledger_secrets (
  entry_id uuid PRIMARY KEY REFERENCES ledger_entries(id),
  salt bytea NOT NULL,
  detail jsonb NOT NULL
);

-- When each replica's scheduler last ticked, and a place for other single facts.
CREATE TABLE heartbeats (
  name text COLLATE "C" PRIMARY KEY,
  beat_at timestamptz NOT NULL
);
