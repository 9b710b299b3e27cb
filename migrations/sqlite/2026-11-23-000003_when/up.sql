-- A member's mails that wait: a worker that takes one takes the others that are due with it, and makes them one.
CREATE INDEX outbox_member_waiting ON outbox(member_id) WHERE state = 'pending' AND digest_id IS NULL AND member_id IS NOT NULL;
