-- References are random, so an index by them costs a page of the disk for each mail. Nine of ten entries about a person name their
-- assignment, too, and are found by way of it: what this index holds are the others.
DROP INDEX ledger_entries_subject;
CREATE INDEX ledger_entries_subject ON ledger_entries(subject_ref, at, id) WHERE assignment_id IS NULL AND subject_ref IS NOT NULL;
-- The row that stays in an erased person's place has a new reference; their entries keep the one from before.
ALTER TABLE erasures ADD COLUMN subject_ref text COLLATE "C";
UPDATE erasures SET subject_ref = (SELECT e.subject_ref FROM assignments a JOIN ledger_entries e ON e.assignment_id = a.id
  WHERE a.member_id = erasures.member_id AND e.subject_ref IS NOT NULL ORDER BY e.id LIMIT 1);
CREATE UNIQUE INDEX erasures_subject ON erasures(subject_ref) WHERE subject_ref IS NOT NULL;
