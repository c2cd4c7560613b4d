-- An agent that is ahead of a restored control plane proves the version by the signed manifest that it has.
ALTER TABLE "agent" ADD COLUMN     "ahead_manifest" JSONB;

-- Written by hand from here on. packages/db/test/grants.int.test.ts guards the rights.
GRANT UPDATE ("ahead_manifest") ON "agent" TO gatehouse_hub;
GRANT SELECT ("ahead_manifest") ON "agent" TO gatehouse_worker;
