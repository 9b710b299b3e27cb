-- Reading at scale, and what goes after its time.

-- Mails that were pruned, as numbers: a wave's counters stay the sum of the mails that are kept and of these.
-- wave_id is the nil id for a campaign's mails that belong to no wave; domain is empty where none was prepared.
CREATE TABLE outbox_archive (
  campaign_id BLOB NOT NULL REFERENCES campaigns(id),
  wave_id BLOB NOT NULL,
  kind TEXT NOT NULL,
  state TEXT NOT NULL,
  domain TEXT NOT NULL,
  mails INTEGER NOT NULL,
  returned INTEGER NOT NULL,
  PRIMARY KEY (campaign_id, wave_id, kind, state, domain)
) STRICT;
CREATE INDEX outbox_archive_wave ON outbox_archive(wave_id);

-- Campaigns none of whose mails is left.
CREATE TABLE pruned_campaigns (
  campaign_id BLOB PRIMARY KEY REFERENCES campaigns(id),
  pruned_at INTEGER NOT NULL
) STRICT;
CREATE INDEX campaigns_ended ON campaigns(ended_at) WHERE ended_at IS NOT NULL;

-- Numbers that a page shows and nobody counts while somebody waits: a sweep does.
CREATE TABLE figures (
  name TEXT PRIMARY KEY,
  n INTEGER NOT NULL,
  counted_at INTEGER NOT NULL
) STRICT;

-- The mails of a campaign that has very many, as a sweep counted them.
CREATE TABLE outbox_figures (
  campaign_id BLOB NOT NULL REFERENCES campaigns(id),
  kind TEXT NOT NULL,
  state TEXT NOT NULL,
  domain TEXT NOT NULL,
  mails INTEGER NOT NULL,
  returned INTEGER NOT NULL,
  counted_at INTEGER NOT NULL,
  PRIMARY KEY (campaign_id, kind, state, domain)
) STRICT;

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
