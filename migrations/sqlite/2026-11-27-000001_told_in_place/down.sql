DROP INDEX assignments_open;
CREATE INDEX assignments_open ON assignments(wave_id, expires_at) WHERE state IN ('planned', 'notified');
DROP INDEX assignments_remind;
CREATE INDEX assignments_remind ON assignments(remind_at) WHERE state = 'notified';
