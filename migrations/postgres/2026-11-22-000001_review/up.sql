-- What a release bound, kept as a document: the next release is laid beside it. Releases from before have none.
ALTER TABLE releases ADD COLUMN content jsonb;

-- Test mails that somebody sent to themselves: which wave of which content they show. They belong to no assignment and no counter.
CREATE TABLE test_mails (
  mail_id uuid PRIMARY KEY REFERENCES outbox(id),
  campaign_id uuid NOT NULL REFERENCES campaigns(id),
  wave_id uuid NOT NULL,
  user_id uuid NOT NULL REFERENCES users(id)
);
