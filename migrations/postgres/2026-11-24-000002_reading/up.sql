-- Reading at scale, and what goes after its time.

-- Mails that were pruned, as numbers: a wave's counters stay the sum of the mails that are kept and of these.
-- wave_id is the nil id for a campaign's mails that belong to no wave; domain is empty where none was prepared.
CREATE TABLE outbox_archive (
  campaign_id uuid NOT NULL REFERENCES campaigns(id),
  wave_id uuid NOT NULL,
  kind text COLLATE "C" NOT NULL,
  state text COLLATE "C" NOT NULL,
  domain text COLLATE "C" NOT NULL,
  mails bigint NOT NULL,
  returned bigint NOT NULL,
  PRIMARY KEY (campaign_id, wave_id, kind, state, domain)
);
CREATE INDEX outbox_archive_wave ON outbox_archive(wave_id);

-- Campaigns none of whose mails is left.
CREATE TABLE pruned_campaigns (
  campaign_id uuid PRIMARY KEY REFERENCES campaigns(id),
  pruned_at timestamptz NOT NULL
);
CREATE INDEX campaigns_ended ON campaigns(ended_at) WHERE ended_at IS NOT NULL;

-- Numbers that a page shows and nobody counts while somebody waits: a sweep does.
CREATE TABLE figures (
  name text COLLATE "C" PRIMARY KEY,
  n bigint NOT NULL,
  counted_at timestamptz NOT NULL
);

-- The mails of a campaign that has very many, as a sweep counted them.
CREATE TABLE outbox_figures (
  campaign_id uuid NOT NULL REFERENCES campaigns(id),
  kind text COLLATE "C" NOT NULL,
  state text COLLATE "C" NOT NULL,
  domain text COLLATE "C" NOT NULL,
  mails bigint NOT NULL,
  returned bigint NOT NULL,
  counted_at timestamptz NOT NULL,
  PRIMARY KEY (campaign_id, kind, state, domain)
);

-- The register: accounts in its order and by unit, what was confirmed last, campaigns in the order of their beginning.
CREATE INDEX accounts_public ON accounts(layer, display_name, id) WHERE layer < 3;
CREATE INDEX accounts_public_unit ON accounts(unit_id) WHERE layer < 3;
CREATE INDEX accounts_advocates ON accounts(disclosed_until) WHERE layer = 3 AND state = 'active';
CREATE INDEX disclosures_checked ON disclosures(checked_at) WHERE state = 'confirmed';
CREATE INDEX campaigns_started ON campaigns(started_at, id) WHERE started_at IS NOT NULL;
-- When a campaign's next mail leaves, and its last.
DROP INDEX outbox_campaign;
CREATE INDEX outbox_campaign ON outbox(campaign_id, state, next_attempt_at);
-- Lists of members by name within a unit, and of accounts by what they are filtered by.
CREATE INDEX members_unit_name ON members(unit_id, lower(name), id);
DROP INDEX members_unit;
CREATE INDEX accounts_kind ON accounts(kind, id);
CREATE INDEX accounts_out_of_service ON accounts(state, id) WHERE state <> 'active';
CREATE INDEX accounts_undisclosed ON accounts(id) WHERE disclosed_until IS NULL;
-- Which tasks point at a post.
CREATE INDEX tasks_target ON tasks(target_post_id) WHERE target_post_id IS NOT NULL;
-- A sample is drawn from a campaign's completions, wave by wave.
CREATE INDEX completions_wave ON completions(wave_id, id);
CREATE INDEX mail_reports_received ON mail_reports(received_at) WHERE mail_id IS NULL;
CREATE INDEX mailbox_received ON mailbox(received_at);

-- Tables that change all the time: room on each page for the next version of a row, and dead rows taken away early. The share of
-- dead rows that autovacuum waits for by itself (a fifth) is a long wait in a table of millions.
ALTER TABLE wave_counts SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.0, autovacuum_vacuum_threshold = 500);
ALTER TABLE wave_unit_counts SET (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_threshold = 500);
ALTER TABLE mail_domains SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.0, autovacuum_vacuum_threshold = 500);
ALTER TABLE campaign_mail SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.0, autovacuum_vacuum_threshold = 500);
ALTER TABLE heartbeats SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.0, autovacuum_vacuum_threshold = 500);
ALTER TABLE outbox SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);
ALTER TABLE assignments SET (autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.02);
-- The log only grows: vacuum marks its pages as visible to all, so that its indexes answer alone.
ALTER TABLE ledger_entries SET (autovacuum_vacuum_insert_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);
ALTER TABLE ledger_secrets SET (autovacuum_vacuum_scale_factor = 0.02);
