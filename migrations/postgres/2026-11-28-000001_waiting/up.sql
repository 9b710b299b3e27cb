-- A mail's way out (claimed, begun, settled) changes its row three times. As long as an index of outbox names what changes on that way,
-- state or lease, each of the three writes to every index of the table. So none does any more: what waits and what is being sent stand in
-- narrow tables beside it, and PostgreSQL writes each new version of a mail beside the old one. The rows of outbox stay the truth;
-- triggers keep these two in step with them, whoever writes, an older version too.

-- Mails that wait (pending or deferred), and whether a worker may take them: not those of paused campaigns, nor those within digests.
CREATE TABLE outbox_waiting (
  mail_id uuid NOT NULL,
  campaign_id uuid,
  member_id uuid,
  deferred boolean NOT NULL,
  ready boolean NOT NULL,
  next_attempt_at timestamptz NOT NULL
);

-- Leases of mails that are not all settled: one a claim. It goes with the last of them, or when it has run out.
DROP INDEX outbox_leases;
CREATE TABLE outbox_leases (
  id uuid PRIMARY KEY,
  lease_until timestamptz NOT NULL,
  -- How many of them are not settled yet, at most.
  unsettled integer NOT NULL,
  mails uuid[] NOT NULL
);

DROP INDEX outbox_pending;
DROP INDEX outbox_deferred;
DROP INDEX outbox_member_waiting;
DROP INDEX outbox_campaign;
DROP INDEX outbox_unknown;
DROP INDEX outbox_held;
-- Room on a page for three versions of each row: two may follow each other before the first can be taken away.
ALTER TABLE outbox SET (fillfactor = 30);
-- Under which lease it is; NULL for one that an older version claimed. And how it ended, if not as sent: on the usual way this never changes.
-- The table is written anew, once.
ALTER TABLE outbox ADD COLUMN lease_id uuid,
  ADD COLUMN missed text COLLATE "C"
    GENERATED ALWAYS AS (CASE WHEN state IN ('failed', 'unknown', 'suppressed', 'cancelled') THEN state END) STORED;
CREATE INDEX outbox_campaign ON outbox(campaign_id, id);
CREATE INDEX outbox_missed ON outbox(campaign_id, missed, id) WHERE missed IS NOT NULL;
CREATE INDEX outbox_unknown ON outbox(id) WHERE missed = 'unknown';
CREATE INDEX outbox_held ON outbox(campaign_id) WHERE held;

INSERT INTO outbox_waiting (mail_id, campaign_id, member_id, deferred, ready, next_attempt_at)
  SELECT id, campaign_id, member_id, state = 'deferred', NOT held AND digest_id IS NULL, next_attempt_at
  FROM outbox WHERE state IN ('pending', 'deferred') ORDER BY next_attempt_at, id;
INSERT INTO outbox_leases (id, lease_until, unsettled, mails)
  SELECT gen_random_uuid(), lease_until, 1, ARRAY[id] FROM outbox WHERE state = 'sending';

ALTER TABLE outbox_waiting ADD PRIMARY KEY (mail_id);
CREATE INDEX outbox_waiting_ready ON outbox_waiting(deferred, next_attempt_at, mail_id) WHERE ready;
CREATE INDEX outbox_waiting_campaign ON outbox_waiting(campaign_id, deferred, next_attempt_at);
CREATE INDEX outbox_waiting_member ON outbox_waiting(member_id) WHERE member_id IS NOT NULL;
CREATE INDEX outbox_leases_until ON outbox_leases(lease_until);
ALTER TABLE outbox_waiting SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);
ALTER TABLE outbox_leases SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.0, autovacuum_vacuum_threshold = 500);

CREATE FUNCTION outbox_put_in() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO outbox_waiting (mail_id, campaign_id, member_id, deferred, ready, next_attempt_at)
    SELECT id, campaign_id, member_id, state = 'deferred', NOT held AND digest_id IS NULL, next_attempt_at
    FROM put_in WHERE state IN ('pending', 'deferred');
  INSERT INTO outbox_leases (id, lease_until, unsettled, mails)
    SELECT gen_random_uuid(), lease_until, 1, ARRAY[id] FROM put_in WHERE state = 'sending' AND lease_id IS NULL AND lease_until IS NOT NULL;
  RETURN NULL;
END $$;
CREATE TRIGGER outbox_put_in AFTER INSERT ON outbox REFERENCING NEW TABLE AS put_in
  FOR EACH STATEMENT EXECUTE FUNCTION outbox_put_in();

-- A claim by this version takes its mails out of outbox_waiting itself, all at once: it is known by its lease.
CREATE FUNCTION outbox_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    DELETE FROM outbox_waiting WHERE mail_id = OLD.id;
    RETURN NULL;
  END IF;
  IF NEW.state IN ('pending', 'deferred') THEN
    INSERT INTO outbox_waiting (mail_id, campaign_id, member_id, deferred, ready, next_attempt_at)
      VALUES (NEW.id, NEW.campaign_id, NEW.member_id, NEW.state = 'deferred', NOT NEW.held AND NEW.digest_id IS NULL, NEW.next_attempt_at)
      ON CONFLICT (mail_id) DO UPDATE
      SET deferred = excluded.deferred, ready = excluded.ready, next_attempt_at = excluded.next_attempt_at;
  ELSE
    DELETE FROM outbox_waiting WHERE mail_id = NEW.id;
  END IF;
  IF NEW.state = 'sending' AND NEW.lease_until IS NOT NULL THEN
    INSERT INTO outbox_leases (id, lease_until, unsettled, mails) VALUES (gen_random_uuid(), NEW.lease_until, 1, ARRAY[NEW.id]);
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER outbox_moved AFTER UPDATE ON outbox FOR EACH ROW
  WHEN (((OLD.state IN ('pending', 'deferred') OR NEW.state IN ('pending', 'deferred') OR NEW.state = 'sending')
      AND (NEW.state <> OLD.state OR NEW.held <> OLD.held OR NEW.next_attempt_at <> OLD.next_attempt_at
        OR NEW.digest_id IS DISTINCT FROM OLD.digest_id OR NEW.lease_until IS DISTINCT FROM OLD.lease_until))
    AND NOT (NEW.state = 'sending' AND NEW.lease_id IS DISTINCT FROM OLD.lease_id))
  EXECUTE FUNCTION outbox_moved();
CREATE TRIGGER outbox_gone AFTER DELETE ON outbox FOR EACH ROW
  WHEN (OLD.state IN ('pending', 'deferred')) EXECUTE FUNCTION outbox_moved();
