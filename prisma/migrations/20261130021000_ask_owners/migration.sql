-- The owner of a server is asked before what somebody approves of it takes effect. The columns are null, or have a constant default, so no table is rewritten.

-- AlterTable
ALTER TABLE "review" ADD COLUMN     "consented_at" TIMESTAMPTZ(3),
ADD COLUMN     "consented_by" UUID,
ADD COLUMN     "is_seconded" BOOLEAN NOT NULL DEFAULT false;

-- ---------------------------------------------------------------------------------------------------------------------------------------
-- Written by hand from here on. packages/db/test/grants.int.test.ts guards the rights.

GRANT UPDATE ("consented_by", "consented_at", "is_seconded") ON "review" TO gatehouse_console;
