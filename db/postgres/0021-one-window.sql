-- A window takes the place of the one before when something is counted in it: nothing reads the past ones.
DELETE FROM counters WHERE EXISTS (
  SELECT 1 FROM counters AS newer
  WHERE newer.subject = counters.subject AND newer.subject_id = counters.subject_id AND newer.starts_at > counters.starts_at
);
DROP INDEX counters_by_end;
