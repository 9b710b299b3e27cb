-- What a release bound, kept as a document: the next release is laid beside it. Releases from before have none.
ALTER TABLE releases ADD COLUMN content TEXT;

-- Test mails that somebody sent to themselves: which wave of which content they show. They belong to no assignment and no counter.
CREATE TABLE test_mails (
  mail_id BLOB PRIMARY KEY REFERENCES outbox(id),
  campaign_id BLOB NOT NULL REFERENCES campaigns(id),
  wave_id BLOB NOT NULL,
  user_id BLOB NOT NULL REFERENCES users(id)
) STRICT;
