DROP TABLE test_mails;
ALTER TABLE releases DROP COLUMN content;
