DROP TABLE dispatch_holds;
DROP INDEX campaigns_stopped;
DROP INDEX mail_domains_resting;
DROP INDEX waves_held;
DROP INDEX outbox_held;
DROP INDEX outbox_unknown;
