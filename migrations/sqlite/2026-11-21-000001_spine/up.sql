-- The spine: organisation, accounts, campaigns, work, mail, log.

CREATE TABLE units (
  id BLOB PRIMARY KEY,
  parent_id BLOB REFERENCES units(id),
  code TEXT NOT NULL,
  code_norm TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  zone TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  version INTEGER NOT NULL
) STRICT;
CREATE INDEX units_parent ON units(parent_id);

-- Every ancestor of every unit, itself included at depth 0: a role's reach is one join.
CREATE TABLE unit_closure (
  ancestor_id BLOB NOT NULL REFERENCES units(id),
  descendant_id BLOB NOT NULL REFERENCES units(id),
  depth INTEGER NOT NULL,
  PRIMARY KEY (ancestor_id, descendant_id)
) STRICT;
CREATE INDEX unit_closure_descendant ON unit_closure(descendant_id, ancestor_id);

-- Pseudonyms: who a subject reference in the log stands for. Erasing a person deletes the row.
CREATE TABLE subjects (
  subject_ref TEXT PRIMARY KEY,
  holder_kind TEXT NOT NULL,
  holder_id BLOB NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX subjects_holder ON subjects(holder_kind, holder_id);

CREATE TABLE members (
  id BLOB PRIMARY KEY,
  unit_id BLOB NOT NULL REFERENCES units(id),
  subject_ref TEXT NOT NULL UNIQUE,
  employee_no TEXT NOT NULL,
  employee_no_norm TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  email TEXT NOT NULL,
  email_norm TEXT NOT NULL UNIQUE,
  locale TEXT NOT NULL,
  zone TEXT NOT NULL,
  state TEXT NOT NULL,
  participate_version TEXT,
  operate_version TEXT,
  link_version INTEGER NOT NULL DEFAULT 1,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  version INTEGER NOT NULL
) STRICT;
CREATE INDEX members_unit ON members(unit_id, id);

CREATE TABLE consents (
  id BLOB PRIMARY KEY,
  member_id BLOB NOT NULL REFERENCES members(id),
  kind TEXT NOT NULL,
  text_version TEXT NOT NULL,
  requested_at INTEGER NOT NULL,
  given_at INTEGER,
  withdrawn_at INTEGER
) STRICT;
CREATE INDEX consents_member ON consents(member_id, kind);
CREATE UNIQUE INDEX consents_open ON consents(member_id, kind, text_version) WHERE withdrawn_at IS NULL;

CREATE TABLE users (
  id BLOB PRIMARY KEY,
  subject_ref TEXT NOT NULL UNIQUE,
  email TEXT NOT NULL,
  email_norm TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  password_hash TEXT NOT NULL,
  locale TEXT NOT NULL,
  zone TEXT NOT NULL,
  active INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  version INTEGER NOT NULL
) STRICT;

CREATE TABLE user_roles (
  user_id BLOB NOT NULL REFERENCES users(id),
  unit_id BLOB NOT NULL REFERENCES units(id),
  role TEXT NOT NULL,
  granted_at INTEGER NOT NULL,
  PRIMARY KEY (user_id, unit_id, role)
) STRICT;
CREATE INDEX user_roles_unit ON user_roles(unit_id, role);

CREATE TABLE sessions (
  token_hash BLOB PRIMARY KEY,
  user_id BLOB NOT NULL REFERENCES users(id),
  created_at INTEGER NOT NULL,
  last_seen_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT;
CREATE INDEX sessions_user ON sessions(user_id);
CREATE INDEX sessions_expiry ON sessions(expires_at);

CREATE TABLE accounts (
  id BLOB PRIMARY KEY,
  unit_id BLOB NOT NULL REFERENCES units(id),
  member_id BLOB NOT NULL REFERENCES members(id),
  kind TEXT NOT NULL,
  layer INTEGER NOT NULL,
  personal INTEGER NOT NULL,
  platform TEXT NOT NULL,
  handle TEXT NOT NULL,
  handle_norm TEXT NOT NULL,
  display_name TEXT NOT NULL,
  language TEXT NOT NULL,
  followers INTEGER NOT NULL,
  engagement TEXT,
  public_name INTEGER NOT NULL,
  state TEXT NOT NULL,
  disclosed_until INTEGER,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  version INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX accounts_handle ON accounts(platform, handle_norm);
-- Rule 2: one natural person, one account per platform.
CREATE UNIQUE INDEX accounts_one_per_person ON accounts(member_id, platform) WHERE personal AND state <> 'retired';
CREATE INDEX accounts_unit ON accounts(unit_id, id);
CREATE INDEX accounts_member ON accounts(member_id);
CREATE INDEX accounts_layer ON accounts(layer, platform, id);

CREATE TABLE account_topics (
  account_id BLOB NOT NULL REFERENCES accounts(id),
  topic TEXT NOT NULL,
  PRIMARY KEY (account_id, topic)
) STRICT;
CREATE INDEX account_topics_topic ON account_topics(topic, account_id);

-- People who run an institution's account besides the one who is asked.
CREATE TABLE account_operators (
  account_id BLOB NOT NULL REFERENCES accounts(id),
  member_id BLOB NOT NULL REFERENCES members(id),
  PRIMARY KEY (account_id, member_id)
) STRICT;
CREATE INDEX account_operators_member ON account_operators(member_id);

CREATE TABLE disclosures (
  id BLOB PRIMARY KEY,
  account_id BLOB NOT NULL REFERENCES accounts(id),
  statement TEXT NOT NULL,
  url TEXT NOT NULL,
  state TEXT NOT NULL,
  filed_by TEXT NOT NULL,
  filed_at INTEGER NOT NULL,
  checked_by TEXT,
  checked_at INTEGER,
  expires_at INTEGER,
  note TEXT NOT NULL
) STRICT;
CREATE INDEX disclosures_account ON disclosures(account_id, filed_at);
CREATE INDEX disclosures_waiting ON disclosures(filed_at) WHERE state = 'filed';

CREATE TABLE blocked_targets (
  id BLOB PRIMARY KEY,
  platform TEXT NOT NULL,
  handle TEXT NOT NULL,
  handle_norm TEXT NOT NULL,
  label TEXT NOT NULL,
  added_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX blocked_targets_handle ON blocked_targets(platform, handle_norm);

CREATE TABLE freezes (
  id BLOB PRIMARY KEY,
  label TEXT NOT NULL,
  starts_at INTEGER NOT NULL,
  ends_at INTEGER NOT NULL,
  added_at INTEGER NOT NULL
) STRICT;

CREATE TABLE claims (
  id BLOB PRIMARY KEY,
  unit_id BLOB NOT NULL REFERENCES units(id),
  claim TEXT NOT NULL,
  seen_url TEXT,
  fact TEXT NOT NULL,
  source_url TEXT NOT NULL,
  filed_at INTEGER NOT NULL,
  filed_by BLOB REFERENCES users(id)
) STRICT;
CREATE INDEX claims_unit ON claims(unit_id, id);

CREATE TABLE campaigns (
  id BLOB PRIMARY KEY,
  unit_id BLOB NOT NULL REFERENCES units(id),
  slug TEXT NOT NULL UNIQUE,
  title TEXT NOT NULL,
  state TEXT NOT NULL,
  content TEXT NOT NULL,
  content_hash TEXT NOT NULL,
  author_id BLOB NOT NULL REFERENCES users(id),
  submitted_by BLOB REFERENCES users(id),
  submitted_at INTEGER,
  released_at INTEGER,
  started_at INTEGER,
  paused_at INTEGER,
  ended_at INTEGER,
  note TEXT NOT NULL,
  schedule_id BLOB,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  version INTEGER NOT NULL
) STRICT;
CREATE INDEX campaigns_unit ON campaigns(unit_id, id);
CREATE INDEX campaigns_state ON campaigns(state, id);

CREATE TABLE releases (
  id BLOB PRIMARY KEY,
  campaign_id BLOB NOT NULL REFERENCES campaigns(id),
  content_hash TEXT NOT NULL,
  released_by BLOB NOT NULL REFERENCES users(id),
  released_at INTEGER NOT NULL,
  voided_at INTEGER
) STRICT;
CREATE UNIQUE INDEX releases_current ON releases(campaign_id) WHERE voided_at IS NULL;

CREATE TABLE freeze_reasons (
  campaign_id BLOB NOT NULL REFERENCES campaigns(id),
  content_hash TEXT NOT NULL,
  given_by BLOB NOT NULL REFERENCES users(id),
  reason TEXT NOT NULL,
  given_at INTEGER NOT NULL,
  PRIMARY KEY (campaign_id, content_hash)
) STRICT;

-- url_key is the platform and its own id of the post: a post may answer at several addresses.
CREATE TABLE posts (
  id BLOB PRIMARY KEY,
  campaign_id BLOB REFERENCES campaigns(id),
  wave_id BLOB,
  assignment_id BLOB,
  account_id BLOB NOT NULL REFERENCES accounts(id),
  unit_id BLOB NOT NULL REFERENCES units(id),
  layer INTEGER NOT NULL,
  platform TEXT NOT NULL,
  url TEXT NOT NULL,
  url_key TEXT NOT NULL,
  registered_at INTEGER NOT NULL,
  removed_at INTEGER
) STRICT;
CREATE UNIQUE INDEX posts_url ON posts(url_key) WHERE removed_at IS NULL;
CREATE INDEX posts_wave ON posts(wave_id, registered_at);
CREATE INDEX posts_unit ON posts(unit_id, id);

CREATE TABLE waves (
  id BLOB PRIMARY KEY,
  campaign_id BLOB NOT NULL REFERENCES campaigns(id),
  unit_id BLOB NOT NULL REFERENCES units(id),
  ordinal INTEGER NOT NULL,
  name TEXT NOT NULL,
  layer INTEGER NOT NULL,
  state TEXT NOT NULL,
  timing TEXT NOT NULL,
  waits_for BLOB,
  cascade INTEGER NOT NULL,
  opens_at INTEGER,
  grace_s INTEGER NOT NULL,
  open_s INTEGER NOT NULL,
  remind_before_end_s INTEGER,
  audience TEXT NOT NULL,
  opened_at INTEGER,
  closes_at INTEGER,
  filled_at INTEGER,
  closed_at INTEGER,
  held_reason TEXT,
  lease_until INTEGER,
  cursor BLOB
) STRICT;
CREATE INDEX waves_campaign ON waves(campaign_id, ordinal);
CREATE INDEX waves_due ON waves(opens_at) WHERE state = 'planned';
CREATE INDEX waves_opening ON waves(lease_until) WHERE state = 'opening';
CREATE INDEX waves_closing ON waves(closes_at) WHERE state = 'open';
CREATE INDEX waves_waiting ON waves(waits_for) WHERE state = 'planned';

-- One busy row a wave, apart from its plan. mail_planned = sent + failed + suppressed + unknown + cancelled + still open.
CREATE TABLE wave_counts (
  wave_id BLOB PRIMARY KEY REFERENCES waves(id),
  planned INTEGER NOT NULL DEFAULT 0,
  done INTEGER NOT NULL DEFAULT 0,
  declined INTEGER NOT NULL DEFAULT 0,
  expired INTEGER NOT NULL DEFAULT 0,
  withdrawn INTEGER NOT NULL DEFAULT 0,
  mail_planned INTEGER NOT NULL DEFAULT 0,
  mail_sent INTEGER NOT NULL DEFAULT 0,
  mail_failed INTEGER NOT NULL DEFAULT 0,
  mail_suppressed INTEGER NOT NULL DEFAULT 0,
  mail_unknown INTEGER NOT NULL DEFAULT 0,
  mail_cancelled INTEGER NOT NULL DEFAULT 0
) STRICT;

-- Counts by unit, for the pages: maintained in the transaction of each change, never counted.
CREATE TABLE wave_unit_counts (
  wave_id BLOB NOT NULL REFERENCES waves(id),
  unit_id BLOB NOT NULL REFERENCES units(id),
  planned INTEGER NOT NULL DEFAULT 0,
  done INTEGER NOT NULL DEFAULT 0,
  declined INTEGER NOT NULL DEFAULT 0,
  expired INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (wave_id, unit_id)
) STRICT;

CREATE TABLE tasks (
  id BLOB PRIMARY KEY,
  wave_id BLOB NOT NULL REFERENCES waves(id),
  campaign_id BLOB NOT NULL REFERENCES campaigns(id),
  ordinal INTEGER NOT NULL,
  platform TEXT NOT NULL,
  action TEXT NOT NULL,
  brief TEXT NOT NULL,
  target TEXT NOT NULL,
  target_post_id BLOB REFERENCES posts(id),
  target_claim_id BLOB REFERENCES claims(id),
  own_words INTEGER NOT NULL,
  evidence_required INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX tasks_wave_platform ON tasks(wave_id, platform);

CREATE TABLE variants (
  id BLOB PRIMARY KEY,
  task_id BLOB NOT NULL REFERENCES tasks(id),
  ordinal INTEGER NOT NULL,
  locale TEXT NOT NULL,
  body TEXT NOT NULL
) STRICT;
CREATE INDEX variants_task ON variants(task_id, ordinal);

CREATE TABLE assignments (
  id BLOB PRIMARY KEY,
  task_id BLOB NOT NULL REFERENCES tasks(id),
  wave_id BLOB NOT NULL REFERENCES waves(id),
  campaign_id BLOB NOT NULL REFERENCES campaigns(id),
  account_id BLOB NOT NULL REFERENCES accounts(id),
  member_id BLOB NOT NULL REFERENCES members(id),
  unit_id BLOB NOT NULL REFERENCES units(id),
  state TEXT NOT NULL,
  planned_at INTEGER NOT NULL,
  notified_at INTEGER,
  opened_at INTEGER,
  settled_at INTEGER,
  checked_at INTEGER,
  expires_at INTEGER NOT NULL,
  remind_at INTEGER,
  link_version INTEGER NOT NULL DEFAULT 1,
  variant_no INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX assignments_task_account ON assignments(task_id, account_id);
CREATE INDEX assignments_wave ON assignments(wave_id, id);
CREATE INDEX assignments_member ON assignments(member_id, planned_at);
CREATE INDEX assignments_remind ON assignments(remind_at) WHERE state = 'notified';
CREATE INDEX assignments_open ON assignments(wave_id, expires_at) WHERE state IN ('planned', 'notified');

CREATE TABLE completions (
  id BLOB PRIMARY KEY,
  assignment_id BLOB NOT NULL REFERENCES assignments(id),
  account_id BLOB NOT NULL REFERENCES accounts(id),
  wave_id BLOB NOT NULL REFERENCES waves(id),
  level TEXT NOT NULL,
  url TEXT,
  url_key TEXT,
  own_words INTEGER NOT NULL,
  suspected INTEGER NOT NULL,
  completed_at INTEGER NOT NULL,
  checked_at INTEGER,
  checked_by BLOB REFERENCES users(id),
  undone_at INTEGER
) STRICT;
CREATE UNIQUE INDEX completions_current ON completions(assignment_id) WHERE undone_at IS NULL;
-- A post is used as evidence once, at whichever of its addresses.
CREATE UNIQUE INDEX completions_url ON completions(url_key) WHERE url_key IS NOT NULL AND undone_at IS NULL;
-- What reviewers have not looked at.
CREATE INDEX completions_unchecked ON completions(id) WHERE level = 'linked' AND checked_at IS NULL AND undone_at IS NULL;

CREATE TABLE outbox (
  id BLOB PRIMARY KEY,
  kind TEXT NOT NULL,
  assignment_id BLOB REFERENCES assignments(id),
  wave_id BLOB REFERENCES waves(id),
  campaign_id BLOB REFERENCES campaigns(id),
  member_id BLOB REFERENCES members(id),
  user_id BLOB REFERENCES users(id),
  consent_id BLOB REFERENCES consents(id),
  dedupe TEXT,
  state TEXT NOT NULL,
  held INTEGER NOT NULL DEFAULT 0,
  attempt INTEGER NOT NULL DEFAULT 0,
  deferrals INTEGER NOT NULL DEFAULT 0,
  next_attempt_at INTEGER NOT NULL,
  lease_until INTEGER,
  last_error TEXT,
  settled_at INTEGER,
  created_at INTEGER NOT NULL
) STRICT;
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
  id BLOB PRIMARY KEY,
  email_norm TEXT NOT NULL,
  scope TEXT NOT NULL,
  reason TEXT NOT NULL,
  created_at INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX suppressions_email ON suppressions(email_norm, scope);

-- The built-in mailbox: what transport "mailbox" delivered.
CREATE TABLE mailbox (
  id BLOB PRIMARY KEY,
  message_id TEXT NOT NULL UNIQUE,
  mail_from TEXT NOT NULL,
  rcpt_to TEXT NOT NULL,
  subject TEXT NOT NULL,
  raw BLOB NOT NULL,
  received_at INTEGER NOT NULL
) STRICT;
CREATE INDEX mailbox_rcpt ON mailbox(rcpt_to, id);

-- Recurring campaigns: the occurrence is inserted in the transaction that advances next_due_at.
CREATE TABLE schedules (
  id BLOB PRIMARY KEY,
  campaign_id BLOB NOT NULL REFERENCES campaigns(id),
  content_hash TEXT NOT NULL,
  pattern TEXT NOT NULL,
  zone TEXT NOT NULL,
  policy TEXT NOT NULL,
  grace_s INTEGER NOT NULL,
  ends_at INTEGER,
  next_due_at INTEGER,
  last_planned_at INTEGER NOT NULL,
  stopped_at INTEGER,
  created_at INTEGER NOT NULL,
  version INTEGER NOT NULL
) STRICT;
CREATE INDEX schedules_due ON schedules(next_due_at) WHERE stopped_at IS NULL;

CREATE TABLE occurrences (
  schedule_id BLOB NOT NULL REFERENCES schedules(id),
  planned_at INTEGER NOT NULL,
  campaign_id BLOB REFERENCES campaigns(id),
  outcome TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (schedule_id, planned_at)
) STRICT;

CREATE TABLE idempotency_keys (
  actor_id BLOB NOT NULL,
  idem_key TEXT NOT NULL,
  request_hash BLOB NOT NULL,
  status INTEGER NOT NULL,
  location TEXT,
  body TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  PRIMARY KEY (actor_id, idem_key)
) STRICT;
CREATE INDEX idempotency_keys_age ON idempotency_keys(created_at);

-- The log. Numbering and sealing (leaf_index, sealed_at) are filled in by the sealing sweep.
CREATE TABLE ledger_entries (
  id BLOB PRIMARY KEY,
  at INTEGER NOT NULL,
  kind TEXT NOT NULL,
  actor_kind TEXT NOT NULL,
  actor_ref TEXT NOT NULL,
  unit_id BLOB,
  campaign_id BLOB,
  wave_id BLOB,
  assignment_id BLOB,
  subject_ref TEXT,
  payload TEXT NOT NULL,
  commitment BLOB,
  leaf_index INTEGER,
  sealed_at INTEGER
) STRICT;
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
  entry_id BLOB PRIMARY KEY REFERENCES ledger_entries(id),
  salt BLOB NOT NULL,
  detail TEXT NOT NULL
) STRICT;

-- When each replica's scheduler last ticked, and a place for other single facts.
CREATE TABLE heartbeats (
  name TEXT PRIMARY KEY,
  beat_at INTEGER NOT NULL
) STRICT;
