DROP INDEX outbox_member_waiting;
