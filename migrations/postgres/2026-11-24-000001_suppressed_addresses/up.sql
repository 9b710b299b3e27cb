-- Whether an address is suppressed is asked once for every mail and every member of an audience. The unique rules are partial: neither
-- serves a question that names the address alone.
CREATE INDEX suppressions_address ON suppressions(email_norm);
