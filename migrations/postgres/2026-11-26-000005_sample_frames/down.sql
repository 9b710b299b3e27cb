ALTER TABLE samples DROP COLUMN announced_at;
ALTER TABLE samples DROP COLUMN announced_in;
ALTER TABLE samples DROP COLUMN plan;
