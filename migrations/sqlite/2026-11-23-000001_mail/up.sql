-- Mail at scale: digests, corrections, what comes back, pacing and rest per destination, suppression of one campaign.

-- A correction stops a campaign and asks everyone who completed a task to fix or remove what they published.
CREATE TABLE corrections (
  id BLOB PRIMARY KEY,
  campaign_id BLOB NOT NULL UNIQUE REFERENCES campaigns(id),
  body TEXT NOT NULL,
  created_by BLOB NOT NULL REFERENCES users(id),
  created_at INTEGER NOT NULL,
  asked INTEGER NOT NULL DEFAULT 0,
  fixed INTEGER NOT NULL DEFAULT 0,
  removed INTEGER NOT NULL DEFAULT 0
) STRICT;

-- Who was asked to correct, by what they had published; answer is NULL until they say.
CREATE TABLE correction_asks (
  assignment_id BLOB PRIMARY KEY REFERENCES assignments(id),
  correction_id BLOB NOT NULL REFERENCES corrections(id),
  answer TEXT,
  answered_at INTEGER
) STRICT;
CREATE INDEX correction_asks_correction ON correction_asks(correction_id, assignment_id);

-- A mail with a digest_id travels inside that digest: it is not claimed by itself, and shares the digest's end.
ALTER TABLE outbox ADD COLUMN digest_id BLOB REFERENCES outbox(id);
-- The recipient's domain, once the mail was prepared: for pacing, for the breaker, for the delivery page.
ALTER TABLE outbox ADD COLUMN domain TEXT;
-- When a report came back for a mail that had been handed over.
ALTER TABLE outbox ADD COLUMN returned_at INTEGER;
CREATE INDEX outbox_digest ON outbox(digest_id) WHERE digest_id IS NOT NULL;
DROP INDEX outbox_pending;
CREATE INDEX outbox_pending ON outbox(next_attempt_at, id) WHERE state = 'pending' AND NOT held AND digest_id IS NULL;

-- Of the mails sent, those that a report says came back.
ALTER TABLE wave_counts ADD COLUMN mail_returned INTEGER NOT NULL DEFAULT 0;

-- What came back: bounces, delays, complaints, automatic replies, wishes to unsubscribe.
CREATE TABLE mail_reports (
  id BLOB PRIMARY KEY,
  kind TEXT NOT NULL,
  source TEXT NOT NULL,
  -- SHA-256 of the message: the same one counts once, however often it is piped in.
  message_sha256 TEXT NOT NULL UNIQUE,
  mail_id BLOB REFERENCES outbox(id),
  campaign_id BLOB REFERENCES campaigns(id),
  wave_id BLOB REFERENCES waves(id),
  member_id BLOB REFERENCES members(id),
  -- The RFC 3463 status code, where the report names one.
  status TEXT,
  -- The receiver's words: they may hold the address, so they go when the person's data goes.
  detail TEXT,
  received_at INTEGER NOT NULL
) STRICT;
CREATE INDEX mail_reports_campaign ON mail_reports(campaign_id, id);
CREATE INDEX mail_reports_member ON mail_reports(member_id, id);
CREATE INDEX mail_reports_mail ON mail_reports(mail_id);

-- Soft bounces since the last mail that arrived.
CREATE TABLE soft_bounces (
  email_norm TEXT PRIMARY KEY,
  bounces INTEGER NOT NULL,
  last_at INTEGER NOT NULL
) STRICT;

-- A destination domain: when its next mail may leave, what became of the last ones, until when it rests.
CREATE TABLE mail_domains (
  domain TEXT PRIMARY KEY,
  first_sent_at INTEGER NOT NULL,
  next_slot_at INTEGER NOT NULL,
  window_began_at INTEGER NOT NULL,
  delivered INTEGER NOT NULL DEFAULT 0,
  deferred INTEGER NOT NULL DEFAULT 0,
  refused INTEGER NOT NULL DEFAULT 0,
  rests INTEGER NOT NULL DEFAULT 0,
  resting_until INTEGER,
  resting_why TEXT
) STRICT;

-- What became of a campaign's last mails: too many refusals pause it.
CREATE TABLE campaign_mail (
  campaign_id BLOB PRIMARY KEY REFERENCES campaigns(id),
  window_began_at INTEGER NOT NULL,
  delivered INTEGER NOT NULL DEFAULT 0,
  deferred INTEGER NOT NULL DEFAULT 0,
  refused INTEGER NOT NULL DEFAULT 0
) STRICT;

-- Why a campaign stands still, where the service paused it by itself.
ALTER TABLE campaigns ADD COLUMN pause_reason TEXT;

-- A suppression may be about one campaign only.
ALTER TABLE suppressions ADD COLUMN campaign_id BLOB REFERENCES campaigns(id);
DROP INDEX suppressions_email;
CREATE UNIQUE INDEX suppressions_email ON suppressions(email_norm, scope) WHERE campaign_id IS NULL;
CREATE UNIQUE INDEX suppressions_campaign ON suppressions(email_norm, campaign_id) WHERE campaign_id IS NOT NULL;

-- Once a day at this minute of the member's own day, instead of each mail by itself; and whether holidays count as working days.
ALTER TABLE member_preferences ADD COLUMN digest_at INTEGER;
ALTER TABLE member_preferences ADD COLUMN on_holidays INTEGER NOT NULL DEFAULT 0;
-- Whether a user gets the daily report of what runs, and for which day they got it last.
ALTER TABLE users ADD COLUMN daily_report INTEGER NOT NULL DEFAULT 1;
ALTER TABLE users ADD COLUMN reported_on TEXT;
