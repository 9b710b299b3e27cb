-- An assignment that its member is told of changes its row and no index: PostgreSQL then writes the new version beside the old one, in
-- less than half the time. So no index names `state` or `notified_at`, and a page has room for each row's next version.
ALTER TABLE assignments SET (fillfactor = 45);
-- Whom to remind, campaign by campaign: those of a paused one are not gone through again and again.
DROP INDEX assignments_remind;
CREATE INDEX assignments_remind ON assignments(campaign_id, remind_at, id) WHERE remind_at IS NOT NULL AND settled_at IS NULL;
-- What is still to do, in the order in which a closing wave takes it: before, each of its chunks read and sorted all that was left.
DROP INDEX assignments_open;
CREATE INDEX assignments_open ON assignments(wave_id, id) WHERE settled_at IS NULL;
