-- The owner of a profile is asked before a new version of it takes effect: a request to publish holds what waits and who has agreed. The columns are null, so
-- no table is rewritten.

-- AlterTable
ALTER TABLE "publish_request" ADD COLUMN     "audit_id" UUID,
ADD COLUMN     "consent_reason" TEXT,
ADD COLUMN     "consented_at" TIMESTAMPTZ(3),
ADD COLUMN     "consented_by" UUID,
ADD COLUMN     "consented_hash" TEXT,
ADD COLUMN     "proposed_at" TIMESTAMPTZ(3),
ADD COLUMN     "proposed_by" UUID,
ADD COLUMN     "proposed_hash" TEXT,
ADD COLUMN     "rolled_back_to" INTEGER;

-- ---------------------------------------------------------------------------------------------------------------------------------------
-- Written by hand from here on. packages/db/test/grants.int.test.ts guards the rights.

-- a roll-back waits beside what somebody asks for of the draft
DROP INDEX "publish_request_open_idx";
CREATE UNIQUE INDEX "publish_request_open_idx" ON "publish_request"("tenant_id", "profile_id", ("rolled_back_to" IS NULL)) WHERE state = 'open';

ALTER TABLE "publish_request" ADD CONSTRAINT "publish_request_is_proposed_whole"
  CHECK (num_nonnulls(proposed_by, proposed_at, proposed_hash, audit_id) IN (0, 4));
ALTER TABLE "publish_request" ADD CONSTRAINT "publish_request_is_consented_whole"
  CHECK (num_nonnulls(consented_by, consented_at, consented_hash) IN (0, 3) AND (consent_reason IS NULL OR consented_by IS NOT NULL));

GRANT UPDATE ("draft_revision", "rolled_back_to", "proposed_by", "proposed_at", "proposed_hash", "audit_id", "consented_by", "consented_at", "consented_hash",
  "consent_reason") ON "publish_request" TO gatehouse_console;
-- what is open changes while it waits, and what was decided stays as before
DROP POLICY "console_decides" ON "publish_request";
CREATE POLICY "console_decides" ON "publish_request" AS RESTRICTIVE FOR UPDATE TO gatehouse_console USING (state = 'open') WITH CHECK (true);
