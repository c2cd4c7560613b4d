-- What a server offers is kept for each site, as an agent there saw it (docs/decisions/0018-definitions-per-site.md). What was found before counts
-- at every site, as it did, until an agent of the site has seen for itself.

-- AlterTable
ALTER TABLE "server_revision" ADD COLUMN     "is_drift" BOOLEAN NOT NULL DEFAULT false;

-- AlterTable
ALTER TABLE "review" ALTER COLUMN "requested_by" DROP NOT NULL;

-- CreateTable
CREATE TABLE "observation" (
    "tenant_id" UUID NOT NULL,
    "server_id" UUID NOT NULL,
    "site_id" UUID NOT NULL,
    "revision_id" UUID NOT NULL,
    "agent_id" UUID NOT NULL,
    "observed_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "observation_pkey" PRIMARY KEY ("tenant_id","server_id","site_id")
);

-- CreateIndex
CREATE INDEX "observation_tenant_id_revision_id_idx" ON "observation"("tenant_id", "revision_id");

-- AddForeignKey
ALTER TABLE "observation" ADD CONSTRAINT "observation_tenant_id_server_id_fkey" FOREIGN KEY ("tenant_id", "server_id") REFERENCES "server"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "observation" ADD CONSTRAINT "observation_tenant_id_site_id_fkey" FOREIGN KEY ("tenant_id", "site_id") REFERENCES "site"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "observation" ADD CONSTRAINT "observation_tenant_id_revision_id_fkey" FOREIGN KEY ("tenant_id", "revision_id") REFERENCES "server_revision"("tenant_id", "id") ON DELETE NO ACTION ON UPDATE NO ACTION;

-- ---------------------------------------------------------------------------------------------------------------------------------------
-- Written by hand from here on. packages/db/test/grants.int.test.ts guards the rights.

ALTER TABLE "observation" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "observation" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant_isolation" ON "observation" FOR ALL USING (tenant_id = app.tenant()) WITH CHECK (tenant_id = app.tenant());

-- The hub hears what agents see. What it writes here can only take away: a site serves what is published, approved and seen there.
GRANT SELECT, INSERT, DELETE ON "observation" TO gatehouse_hub;
GRANT UPDATE ("revision_id", "agent_id", "observed_at") ON "observation" TO gatehouse_hub;
-- What an agent saw of its own accord counts as asked for once somebody has asked and was told the same; never the other way round.
GRANT UPDATE ("is_drift") ON "server_revision" TO gatehouse_hub;
CREATE POLICY "hub_was_asked" ON "server_revision" AS RESTRICTIVE FOR UPDATE TO gatehouse_hub USING (is_drift) WITH CHECK (NOT is_drift);
GRANT SELECT ON "observation" TO gatehouse_console, gatehouse_worker;
-- The worker forgets what an agent saw and nobody decided once no site has it any more. Nothing else of the history is ever removed.
GRANT DELETE ON "server_revision" TO gatehouse_worker;
CREATE POLICY "worker_forgets" ON "server_revision" AS RESTRICTIVE FOR DELETE TO gatehouse_worker USING (
  is_drift AND NOT EXISTS (
    SELECT FROM review WHERE review.tenant_id = server_revision.tenant_id AND review.revision_id = server_revision.id AND review.state <> 'superseded'));
