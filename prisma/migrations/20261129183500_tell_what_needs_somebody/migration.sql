-- What an agent says of its certificate and its lost receipts, and which of the control plane's own jobs fail: told by packages/services/src/overview.

-- AlterTable
ALTER TABLE "agent" ADD COLUMN     "certificate_ends_at" TIMESTAMPTZ(3),
ADD COLUMN     "lost_receipts" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "refused_receipts" INTEGER NOT NULL DEFAULT 0;

-- CreateTable
CREATE TABLE "job_failure" (
    "tenant_id" UUID NOT NULL,
    "job" TEXT NOT NULL,
    "since" TIMESTAMPTZ(3) NOT NULL,
    "times" INTEGER NOT NULL DEFAULT 1,
    "failed_at" TIMESTAMPTZ(3) NOT NULL,
    "code" TEXT NOT NULL,

    CONSTRAINT "job_failure_pkey" PRIMARY KEY ("tenant_id","job")
);

-- AddForeignKey
ALTER TABLE "job_failure" ADD CONSTRAINT "job_failure_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenant"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- ---------------------------------------------------------------------------------------------------------------------------------------
-- Written by hand from here on. packages/db/test/grants.int.test.ts guards the rights.

ALTER TABLE "job_failure" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "job_failure" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant_isolation" ON "job_failure" FOR ALL USING (tenant_id = app.tenant()) WITH CHECK (tenant_id = app.tenant());

-- The hub hears it from agents, as the rest of the row.
GRANT UPDATE ("certificate_ends_at", "lost_receipts", "refused_receipts") ON "agent" TO gatehouse_hub;

-- The worker knows how its jobs end, the console shows it.
GRANT SELECT, INSERT, DELETE ON "job_failure" TO gatehouse_worker;
GRANT UPDATE ("times", "failed_at", "code") ON "job_failure" TO gatehouse_worker;
GRANT SELECT ON "job_failure" TO gatehouse_console;

-- The console says since when an agent's receipts have not come. Of the stream it sees that alone.
GRANT SELECT ("tenant_id", "agent_id", "updated_at") ON "agent_stream" TO gatehouse_console;
