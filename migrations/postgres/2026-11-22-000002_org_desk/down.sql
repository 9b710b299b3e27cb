DROP TABLE upload_parts;
DROP TABLE uploads;
DROP INDEX members_name;
