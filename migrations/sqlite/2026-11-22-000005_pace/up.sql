-- What was done in a wave per quarter of an hour, and how it is evidenced: movements, maintained in the transaction of each
-- change, so that a curve is read and never counted. What is taken back counts as a negative movement when it is taken back.
CREATE TABLE wave_pace (
  wave_id BLOB NOT NULL REFERENCES waves(id),
  quarter_at INTEGER NOT NULL,
  done INTEGER NOT NULL,
  linked INTEGER NOT NULL,
  checked INTEGER NOT NULL,
  PRIMARY KEY (wave_id, quarter_at)
) STRICT;
INSERT INTO wave_pace (wave_id, quarter_at, done, linked, checked)
SELECT wave_id, completed_at / 900000000 * 900000000, count(*), sum(CASE WHEN level <> 'declared' THEN 1 ELSE 0 END),
  sum(CASE WHEN level = 'checked' THEN 1 ELSE 0 END)
FROM completions WHERE undone_at IS NULL AND NOT suspected GROUP BY 1, 2;
