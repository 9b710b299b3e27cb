DROP INDEX ledger_entries_unit;
CREATE INDEX ledger_entries_unit ON ledger_entries(unit_id, at, id);
DROP INDEX outbox_wave;
CREATE INDEX outbox_wave ON outbox(wave_id, state);
