-- What members and users choose for themselves: permitted hours and pauses, sign-in by a mailed link, calendar feeds.

-- No row, or no hours in it: mail at any time. Minutes are of the member's own day; bit 0 of mail_days is Monday.
CREATE TABLE member_preferences (
  member_id uuid PRIMARY KEY REFERENCES members(id),
  mail_from integer,
  mail_until integer,
  mail_days integer,
  paused_until timestamptz
);
CREATE INDEX member_preferences_paused ON member_preferences(paused_until) WHERE paused_until IS NOT NULL;

-- The link's token is sealed, not stored. An address that nobody has leaves a row too, so that asking takes the same time.
CREATE TABLE sign_in_links (
  id uuid PRIMARY KEY,
  user_id uuid REFERENCES users(id),
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  used_at timestamptz
);
CREATE INDEX sign_in_links_expiry ON sign_in_links(expires_at);

-- The address's token is sealed, not stored; a row that is revoked opens nothing.
CREATE TABLE calendar_feeds (
  id uuid PRIMARY KEY,
  user_id uuid NOT NULL REFERENCES users(id),
  created_at timestamptz NOT NULL,
  revoked_at timestamptz
);
CREATE UNIQUE INDEX calendar_feeds_current ON calendar_feeds(user_id) WHERE revoked_at IS NULL;

-- The calendar asks what opens within a month.
CREATE INDEX waves_opens ON waves(opens_at);
-- And which disclosures lapse.
CREATE INDEX accounts_lapsing ON accounts(disclosed_until) WHERE disclosed_until IS NOT NULL;
