-- What the revocation log of each agent holds, as it said last: the console shows which agents have which entry.
ALTER TABLE "agent" ADD COLUMN     "revocation_count" INTEGER,
ADD COLUMN     "revocation_root" TEXT,
ADD COLUMN     "revocations_at" TIMESTAMPTZ(3);

-- Written by hand from here on. packages/db/test/grants.int.test.ts guards the rights.
GRANT UPDATE ("revocation_count", "revocation_root", "revocations_at") ON "agent" TO gatehouse_hub;
