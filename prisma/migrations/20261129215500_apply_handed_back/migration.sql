-- Written by hand. packages/db/test/grants.int.test.ts guards it. Rights and policies alone: no table is read or rewritten.
-- After a restore agents hand back the signed log of what was revoked (docs/decisions/0016-revocation-log.md). That a member was removed and that the
-- workspace was stopped stands in it, too, and was not done to the rows: a person who had been removed signed in again and made a new key. The worker
-- may end a membership and stop a workspace now, and take neither back.
GRANT UPDATE ("ended_at", "signed_out_at") ON "membership" TO gatehouse_worker;
CREATE POLICY "worker_ends" ON "membership" AS RESTRICTIVE FOR UPDATE TO gatehouse_worker
  USING (current_user <> 'gatehouse_worker' OR ended_at IS NULL)
  WITH CHECK (current_user <> 'gatehouse_worker' OR (ended_at IS NOT NULL AND signed_out_at IS NOT NULL));

GRANT UPDATE ("suspended_at") ON "tenant" TO gatehouse_worker;
CREATE POLICY "worker_stops" ON "tenant" AS RESTRICTIVE FOR UPDATE TO gatehouse_worker
  USING (current_user <> 'gatehouse_worker' OR suspended_at IS NULL)
  WITH CHECK (current_user <> 'gatehouse_worker' OR suspended_at IS NOT NULL);
