-- As on PostgreSQL, where no index may name `state`, so that an assignment changes its row and no index when its member is told.
-- Whom to remind, campaign by campaign: those of a paused one are not gone through again and again.
DROP INDEX assignments_remind;
CREATE INDEX assignments_remind ON assignments(campaign_id, remind_at, id) WHERE remind_at IS NOT NULL AND settled_at IS NULL;
-- What is still to do, in the order in which a closing wave takes it: before, each of its chunks read and sorted all that was left.
DROP INDEX assignments_open;
CREATE INDEX assignments_open ON assignments(wave_id, id) WHERE settled_at IS NULL;
