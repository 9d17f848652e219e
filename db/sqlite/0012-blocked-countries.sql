-- The countries that an app is not for, as ISO 3166-1 has them.
ALTER TABLE apps ADD COLUMN blocked_countries TEXT NOT NULL DEFAULT '[]';
