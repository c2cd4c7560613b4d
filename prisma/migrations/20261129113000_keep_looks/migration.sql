-- What an agent does not hand over of a server, definition by definition and with the reason, is kept with the revision that its look found
-- (docs/decisions/0037-what-is-left-out.md).

-- CreateTable
CREATE TABLE "revision_look" (
    "tenant_id" UUID NOT NULL,
    "revision_id" UUID NOT NULL,
    "site_id" UUID NOT NULL,
    "agent_id" UUID NOT NULL,
    "looked_at" TIMESTAMPTZ(3) NOT NULL,
    "left_out" JSONB NOT NULL,

    CONSTRAINT "revision_look_pkey" PRIMARY KEY ("tenant_id","revision_id","site_id")
);

-- AddForeignKey
ALTER TABLE "revision_look" ADD CONSTRAINT "revision_look_tenant_id_revision_id_fkey" FOREIGN KEY ("tenant_id", "revision_id") REFERENCES "server_revision"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "revision_look" ADD CONSTRAINT "revision_look_tenant_id_site_id_fkey" FOREIGN KEY ("tenant_id", "site_id") REFERENCES "site"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- ---------------------------------------------------------------------------------------------------------------------------------------
-- Written by hand from here on. packages/db/test/grants.int.test.ts guards the rights.

ALTER TABLE "revision_look" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "revision_look" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant_isolation" ON "revision_look" FOR ALL USING (tenant_id = app.tenant()) WITH CHECK (tenant_id = app.tenant());

-- The hub hears it from agents, and says again what it has heard last. It decides on nothing: it is read beside the decision.
GRANT SELECT, INSERT ON "revision_look" TO gatehouse_hub;
GRANT UPDATE ("agent_id", "looked_at", "left_out") ON "revision_look" TO gatehouse_hub;
GRANT SELECT ON "revision_look" TO gatehouse_console;
