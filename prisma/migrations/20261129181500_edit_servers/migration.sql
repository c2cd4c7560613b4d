-- A server is edited, archived and deleted (docs/decisions/0043-other-address.md). What was approved at another address is told by the number of its
-- revision: only the console writes the column, so that nothing an agent says, and no other process, brings an approval back.

-- AlterTable
ALTER TABLE "server" ADD COLUMN     "archived_at" TIMESTAMPTZ(3),
ADD COLUMN     "former_revisions" INTEGER NOT NULL DEFAULT 0;

-- CreateTable
CREATE TABLE "former_decision" (
    "tenant_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "upstream" TEXT,
    "server_name" TEXT NOT NULL,
    "kind" "entry_kind" NOT NULL,
    "name" TEXT NOT NULL,
    "pin" TEXT NOT NULL,
    "verdict" "verdict" NOT NULL,
    "risk" "risk",
    "decided_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "former_decision_pkey" PRIMARY KEY ("tenant_id","id")
);

-- CreateIndex
CREATE INDEX "former_decision_tenant_id_upstream_idx" ON "former_decision"("tenant_id", "upstream");

-- AddForeignKey
ALTER TABLE "former_decision" ADD CONSTRAINT "former_decision_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenant"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- ---------------------------------------------------------------------------------------------------------------------------------------
-- Written by hand from here on. packages/db/test/grants.int.test.ts guards the rights.

ALTER TABLE "server" ADD CONSTRAINT "server_archived_is_disabled" CHECK ("archived_at" IS NULL OR "disabled_at" IS NOT NULL);

GRANT UPDATE ("archived_at", "audit_id", "former_revisions", "name", "purpose", "transport", "upstream") ON "server" TO gatehouse_console;
-- Everything below a server goes with it. The log and receipts name it by id and stay.
GRANT DELETE ON "server" TO gatehouse_console;
GRANT DELETE ON "server_site" TO gatehouse_console;
-- Where a server is not reachable any more, nothing is known of it.
GRANT DELETE ON "observation" TO gatehouse_console;
-- A look at the address of before ends with it.
GRANT UPDATE ("error_code", "error_text", "finished_at", "status") ON "discovery" TO gatehouse_console;

-- What was decided on an upstream outlives the server it was decided at: nobody forgets a rejection by deleting a server and adding it again.
ALTER TABLE "former_decision" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "former_decision" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant_isolation" ON "former_decision" FOR ALL USING (tenant_id = app.tenant()) WITH CHECK (tenant_id = app.tenant());
GRANT SELECT, INSERT ON "former_decision" TO gatehouse_console;
