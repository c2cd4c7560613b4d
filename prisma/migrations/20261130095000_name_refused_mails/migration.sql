-- When a mail server last did not take a mail: an attempt that is being made has not failed. The column is null, so no table is rewritten.

-- AlterTable
ALTER TABLE "mail" ADD COLUMN     "refused_at" TIMESTAMPTZ(3);

-- ---------------------------------------------------------------------------------------------------------------------------------------
-- Written by hand from here on. packages/db/test/grants.int.test.ts guards the rights.

GRANT UPDATE ("refused_at") ON "mail" TO gatehouse_worker;
