-- A mail changes its state three times on its way out: an index that names the state is written to each time.
-- By wave, mails are only looked for when a wave is cancelled.
DROP INDEX outbox_wave;
CREATE INDEX outbox_wave ON outbox(wave_id) WHERE wave_id IS NOT NULL;
-- Nine of ten entries are about mails and completions, which name no unit.
DROP INDEX ledger_entries_unit;
CREATE INDEX ledger_entries_unit ON ledger_entries(unit_id, at, id) WHERE unit_id IS NOT NULL;
