-- What was done in a wave per quarter of an hour, and how it is evidenced: movements, maintained in the transaction of each
-- change, so that a curve is read and never counted. What is taken back counts as a negative movement when it is taken back.
CREATE TABLE wave_pace (
  wave_id UUID NOT NULL REFERENCES waves(id),
  quarter_at TIMESTAMPTZ NOT NULL,
  done bigint NOT NULL,
  linked bigint NOT NULL,
  checked bigint NOT NULL,
  PRIMARY KEY (wave_id, quarter_at)
) WITH (fillfactor = 50);
INSERT INTO wave_pace (wave_id, quarter_at, done, linked, checked)
SELECT wave_id, date_bin('15 minutes', completed_at, TIMESTAMPTZ '1970-01-01 00:00:00Z'), count(*),
  count(*) FILTER (WHERE level <> 'declared'), count(*) FILTER (WHERE level = 'checked')
FROM completions WHERE undone_at IS NULL AND NOT suspected GROUP BY 1, 2;
