-- The hub counts who enrols by network too: the addresses of one are cheap to whoever holds it.
ALTER POLICY "hub_counts" ON "rate_limit"
  USING (starts_with(key, 'enrol_') OR starts_with(key, 'observation_'))
  WITH CHECK (starts_with(key, 'enrol_') OR starts_with(key, 'observation_'));
