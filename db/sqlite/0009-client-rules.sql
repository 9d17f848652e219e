-- What an app asks of whoever uses its token, beside the address.
ALTER TABLE apps ADD COLUMN allowed_origins TEXT NOT NULL DEFAULT '[]';
ALTER TABLE apps ADD COLUMN allowed_referrers TEXT NOT NULL DEFAULT '[]';
ALTER TABLE apps ADD COLUMN allowed_user_agents TEXT NOT NULL DEFAULT '[]';
ALTER TABLE apps ADD COLUMN require_https INTEGER NOT NULL DEFAULT 0;
