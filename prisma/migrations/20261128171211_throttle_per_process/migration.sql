-- The counters of the throttle have no tenant, and the hub counts only who enrols: with its role nobody may lift the throttle of sign-ins, or lock
-- people out with it.
ALTER TABLE "rate_limit" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "rate_limit" FORCE ROW LEVEL SECURITY;
CREATE POLICY "counters" ON "rate_limit" FOR ALL USING (true) WITH CHECK (true);
CREATE POLICY "hub_counts" ON "rate_limit" AS RESTRICTIVE FOR ALL TO gatehouse_hub
  USING (starts_with(key, 'enrol_address:')) WITH CHECK (starts_with(key, 'enrol_address:'));
