-- The end of a client key leaves the revocation log once the key has run out by itself (docs/decisions/0016-revocation-log.md). Entries of before
-- do not say when that is, and stay.

-- AlterTable
ALTER TABLE "revocation" ADD COLUMN     "prune_at" TIMESTAMPTZ(3);

-- AlterTable
ALTER TABLE "revocation_head" ADD COLUMN     "last_seq" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "pruned_until" TIMESTAMPTZ(3);

-- CreateTable
CREATE TABLE "revocation_root" (
    "tenant_id" UUID NOT NULL,
    "root" TEXT NOT NULL,
    "seq" INTEGER NOT NULL,
    "signed_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "revocation_root_pkey" PRIMARY KEY ("tenant_id","root")
);

-- CreateIndex
CREATE INDEX "revocation_tenant_id_prune_at_idx" ON "revocation"("tenant_id", "prune_at");

-- AddForeignKey
ALTER TABLE "revocation_root" ADD CONSTRAINT "revocation_root_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenant"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- ---------------------------------------------------------------------------------------------------------------------------------------
-- Written by hand from here on. packages/db/test/grants.int.test.ts guards the rights.

-- Until now no place was ever free, and an entry said the root of the log up to it.
UPDATE "revocation_head" SET "last_seq" = "count";
INSERT INTO "revocation_root" ("tenant_id", "root", "seq", "signed_at")
SELECT "tenant_id", "root", max("seq"), now() FROM (
  SELECT "tenant_id", "root", "seq" FROM "revocation" UNION ALL SELECT "tenant_id", "root", "count" FROM "revocation_head") known
WHERE "root" IS NOT NULL GROUP BY "tenant_id", "root";

-- AlterTable
ALTER TABLE "revocation" DROP COLUMN "root";

ALTER TABLE "revocation_root" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "revocation_root" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant_isolation" ON "revocation_root" FOR ALL USING (tenant_id = app.tenant()) WITH CHECK (tenant_id = app.tenant());

-- Whoever signs a head keeps its root. The worker removes roots that are old, and of the log only what has run out by the database's own clock.
GRANT UPDATE ("last_seq", "pruned_until") ON "revocation_head" TO gatehouse_console, gatehouse_worker;
GRANT SELECT, INSERT, UPDATE ("seq", "signed_at") ON "revocation_root" TO gatehouse_console, gatehouse_worker;
GRANT SELECT ON "revocation_root" TO gatehouse_hub;
GRANT DELETE ON "revocation", "revocation_root" TO gatehouse_worker;
CREATE POLICY "worker_prunes" ON "revocation" AS RESTRICTIVE FOR DELETE TO gatehouse_worker USING (prune_at < now());
