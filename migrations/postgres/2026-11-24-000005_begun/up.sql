-- How far a claimed mail had come: minus its attempt while no connection was given it, its attempt from then on. A worker that dies
-- leaves in doubt only what it had begun. Anything else, NULL too, was claimed by a version that does not say: that is in doubt.
ALTER TABLE outbox ADD COLUMN begun integer;
