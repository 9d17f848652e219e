-- Keys whose sealed bytes did not open, for the metrics: few among very many.
CREATE INDEX provider_keys_by_decrypt_failure ON provider_keys (decrypt_failed_at) WHERE decrypt_failed_at IS NOT NULL;
