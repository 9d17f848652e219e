-- What an app asks of whoever uses its token, beside the address.
ALTER TABLE apps ADD COLUMN allowed_origins text NOT NULL DEFAULT '[]';
ALTER TABLE apps ADD COLUMN allowed_referrers text NOT NULL DEFAULT '[]';
ALTER TABLE apps ADD COLUMN allowed_user_agents text NOT NULL DEFAULT '[]';
ALTER TABLE apps ADD COLUMN require_https smallint NOT NULL DEFAULT 0;
