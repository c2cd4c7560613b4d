-- What somebody has said of a finding in one text of a server (docs/decisions/0056-what-a-review-asks.md).

-- CreateEnum
CREATE TYPE "finding_verdict" AS ENUM ('acknowledged', 'not_a_problem');

-- CreateTable
CREATE TABLE "finding_state" (
    "tenant_id" UUID NOT NULL,
    "server_id" UUID NOT NULL,
    "kind" "entry_kind" NOT NULL,
    "pin" TEXT NOT NULL,
    "finding" TEXT NOT NULL,
    "state" "finding_verdict" NOT NULL,
    "reason" TEXT,
    "by" UUID NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "revision" INTEGER NOT NULL,

    CONSTRAINT "finding_state_pkey" PRIMARY KEY ("tenant_id","server_id","kind","pin","finding")
);

-- AddForeignKey
ALTER TABLE "finding_state" ADD CONSTRAINT "finding_state_tenant_id_server_id_fkey" FOREIGN KEY ("tenant_id", "server_id") REFERENCES "server"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- ---------------------------------------------------------------------------------------------------------------------------------------
-- Written by hand from here on. packages/db/test/grants.int.test.ts guards the rights.

ALTER TABLE "finding_state" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "finding_state" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant_isolation" ON "finding_state" FOR ALL USING (tenant_id = app.tenant()) WITH CHECK (tenant_id = app.tenant());

-- where people act, and nowhere else: it says that somebody has looked
GRANT SELECT, INSERT, DELETE ON "finding_state" TO gatehouse_console;
