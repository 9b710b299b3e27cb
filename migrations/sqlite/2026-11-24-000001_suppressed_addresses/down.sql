DROP INDEX suppressions_address;
