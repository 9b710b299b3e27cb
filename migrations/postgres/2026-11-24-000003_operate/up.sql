-- What monitoring asks again and again, each by an index that holds only the rows it asks for.
CREATE INDEX outbox_unknown ON outbox(id) WHERE state = 'unknown';
CREATE INDEX outbox_held ON outbox(id) WHERE held AND state IN ('pending', 'deferred');
CREATE INDEX waves_held ON waves(id) WHERE state = 'held';
CREATE INDEX mail_domains_resting ON mail_domains(resting_until) WHERE resting_until IS NOT NULL;
CREATE INDEX campaigns_stopped ON campaigns(id) WHERE pause_reason IS NOT NULL;

-- While a row here has no end, nothing is sent and no wave opens: the database was restored, and mails may have left that it knows
-- nothing of. A person ends it.
CREATE TABLE dispatch_holds (
  id uuid PRIMARY KEY,
  -- From when the restored rows are, as far as they tell.
  rows_from timestamptz,
  began_at timestamptz NOT NULL,
  -- Whether everything that may have been sent since is marked.
  settled_at timestamptz,
  ended_at timestamptz,
  mails_unknown bigint NOT NULL DEFAULT 0,
  waves_held bigint NOT NULL DEFAULT 0,
  campaigns_paused bigint NOT NULL DEFAULT 0,
  occurrences_held bigint NOT NULL DEFAULT 0,
  reminders_dropped bigint NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX dispatch_holds_current ON dispatch_holds((ended_at IS NULL)) WHERE ended_at IS NULL;
