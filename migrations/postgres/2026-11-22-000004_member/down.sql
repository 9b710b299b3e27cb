DROP INDEX accounts_lapsing;
DROP INDEX waves_opens;
DROP TABLE calendar_feeds;
DROP TABLE sign_in_links;
DROP TABLE member_preferences;
