DROP INDEX erasures_subject;
ALTER TABLE erasures DROP COLUMN subject_ref;
DROP INDEX ledger_entries_subject;
CREATE INDEX ledger_entries_subject ON ledger_entries(subject_ref, at, id);
