-- Profiles are archived and deleted, rolled back to a version of before, and asked to be published (docs/decisions/0044-rolling-a-profile-back.md).
-- Columns with a constant default take no rewrite. The index is built once over the receipts; what agents send meanwhile waits on their disks.

-- CreateEnum
CREATE TYPE "publish_request_state" AS ENUM ('open', 'published', 'sent_back', 'withdrawn');

-- AlterTable
ALTER TABLE "profile" ADD COLUMN     "archived_at" TIMESTAMPTZ(3),
ADD COLUMN     "draft_revision" INTEGER NOT NULL DEFAULT 1;

-- AlterTable
ALTER TABLE "profile_version" ADD COLUMN     "rolled_back_to" INTEGER;

-- CreateTable
CREATE TABLE "publish_request" (
    "tenant_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "profile_id" UUID NOT NULL,
    "state" "publish_request_state" NOT NULL DEFAULT 'open',
    "note" TEXT NOT NULL DEFAULT '',
    "draft_revision" INTEGER NOT NULL,
    "requested_by" UUID NOT NULL,
    "requested_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "decided_by" UUID,
    "decided_at" TIMESTAMPTZ(3),
    "reason" TEXT,
    "version" INTEGER,

    CONSTRAINT "publish_request_pkey" PRIMARY KEY ("tenant_id","id")
);

-- CreateIndex
CREATE INDEX "publish_request_tenant_id_profile_id_requested_at_idx" ON "publish_request"("tenant_id", "profile_id", "requested_at" DESC);

-- CreateIndex
CREATE INDEX "receipt_tenant_id_profile_id_profile_version_idx" ON "receipt"("tenant_id", "profile_id", "profile_version");

-- AddForeignKey
ALTER TABLE "publish_request" ADD CONSTRAINT "publish_request_tenant_id_profile_id_fkey" FOREIGN KEY ("tenant_id", "profile_id") REFERENCES "profile"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- ---------------------------------------------------------------------------------------------------------------------------------------
-- Written by hand from here on. packages/db/test/grants.int.test.ts guards the rights.

CREATE UNIQUE INDEX "publish_request_open_idx" ON "publish_request"("tenant_id", "profile_id") WHERE state = 'open';

-- what is archived is off, whatever else is asked of it
ALTER TABLE "profile" ADD CONSTRAINT "profile_archived_is_disabled" CHECK (archived_at IS NULL OR disabled_at IS NOT NULL);

ALTER TABLE "publish_request" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "publish_request" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant_isolation" ON "publish_request" FOR ALL USING (tenant_id = app.tenant()) WITH CHECK (tenant_id = app.tenant());

GRANT SELECT, INSERT ON "publish_request" TO gatehouse_console;
GRANT UPDATE ("state", "decided_by", "decided_at", "reason", "version") ON "publish_request" TO gatehouse_console;
GRANT UPDATE ("name", "description", "archived_at", "draft_revision") ON "profile" TO gatehouse_console;
GRANT DELETE ON "profile_site", "profile" TO gatehouse_console;
-- only what is archived can be deleted, and what was decided on a request stays
CREATE POLICY "console_deletes" ON "profile" AS RESTRICTIVE FOR DELETE TO gatehouse_console USING (archived_at IS NOT NULL);
CREATE POLICY "console_decides" ON "publish_request" AS RESTRICTIVE FOR UPDATE TO gatehouse_console USING (state = 'open') WITH CHECK (state <> 'open');
