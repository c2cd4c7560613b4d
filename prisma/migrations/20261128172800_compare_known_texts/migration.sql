-- What a resource says of its content as it is just now (its size, the time of its last change) makes no other definition of it, so what is found is
-- compared with what was found before. The hub wrote these rows, and hands them out in configurations.
GRANT SELECT ON "revision_entry" TO gatehouse_hub;
-- The hub counts who enrols, and what agents report unasked.
ALTER POLICY "hub_counts" ON "rate_limit"
  USING (starts_with(key, 'enrol_address:') OR starts_with(key, 'observation_'))
  WITH CHECK (starts_with(key, 'enrol_address:') OR starts_with(key, 'observation_'));
