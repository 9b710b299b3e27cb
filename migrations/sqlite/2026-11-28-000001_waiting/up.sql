-- PostgreSQL keeps what waits beside the outbox from here on, and names the lease that a mail is under. SQLite changes a row in its place and
-- only those indexes that name what changed, so its indexes by state stay what they are, and the lease has no name.
ALTER TABLE outbox ADD COLUMN lease_id BLOB;
