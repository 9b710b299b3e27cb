DROP TABLE ledger_checks;
DROP TABLE ledger_keys;
DROP TABLE ledger_tiles;
DROP TABLE ledger_checkpoints;
DROP TABLE ledger_logs;
UPDATE ledger_entries SET leaf_index = NULL, sealed_at = NULL WHERE leaf_index IS NOT NULL;
ALTER TABLE ledger_entries RESET (autovacuum_vacuum_scale_factor);
