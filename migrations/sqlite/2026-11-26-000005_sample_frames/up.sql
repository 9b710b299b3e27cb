-- A draw is announced before its public value is known: what it will be taken from (as JSON), the entry that says so, and when.
-- Samples that were drawn before this have none of it, and the newest entry of the log as their anchor.
ALTER TABLE samples ADD COLUMN plan TEXT;
ALTER TABLE samples ADD COLUMN announced_in BLOB;
ALTER TABLE samples ADD COLUMN announced_at INTEGER;
