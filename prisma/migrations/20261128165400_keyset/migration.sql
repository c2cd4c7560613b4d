-- Which keys sign for a tenant, in a document that its root signs (docs/decisions/0019-keyset.md). The worker signs the first one of every
-- tenant: a migration cannot. Until somebody rotates, the root goes on signing everything, as before.

-- AlterTable
ALTER TABLE "signing_key" ADD COLUMN     "is_root" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "audit_id" UUID;

-- AlterTable
ALTER TABLE "agent" ADD COLUMN     "keyset_version" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "ahead_keyset" BYTEA;

-- CreateTable
CREATE TABLE "keyset" (
    "tenant_id" UUID NOT NULL,
    "version" INTEGER NOT NULL,
    "not_after" TIMESTAMPTZ(3) NOT NULL,
    "payload" BYTEA NOT NULL,
    "signature" BYTEA NOT NULL,
    "key_id" UUID NOT NULL,

    CONSTRAINT "keyset_pkey" PRIMARY KEY ("tenant_id")
);

-- AddForeignKey
ALTER TABLE "signing_key" ADD CONSTRAINT "signing_key_tenant_id_audit_id_fkey" FOREIGN KEY ("tenant_id", "audit_id") REFERENCES "admin_audit"("tenant_id", "id") ON DELETE NO ACTION ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "keyset" ADD CONSTRAINT "keyset_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenant"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- ---------------------------------------------------------------------------------------------------------------------------------------
-- Written by hand from here on. packages/db/test/grants.int.test.ts guards the rights.

-- What agents pinned at enrolment: the oldest key that is not retired.
UPDATE "signing_key" SET is_root = true WHERE (tenant_id, id) IN (
  SELECT DISTINCT ON (tenant_id) tenant_id, id FROM "signing_key" WHERE retired_at IS NULL ORDER BY tenant_id, created_at, id);
-- No other has ever signed.
UPDATE "signing_key" SET retired_at = now() WHERE retired_at IS NULL AND NOT is_root;
CREATE UNIQUE INDEX "signing_key_root" ON "signing_key" ("tenant_id") WHERE is_root;
CREATE UNIQUE INDEX "signing_key_active" ON "signing_key" ("tenant_id") WHERE retired_at IS NULL;

ALTER TABLE "keyset" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "keyset" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant_isolation" ON "keyset" FOR ALL USING (tenant_id = app.tenant()) WITH CHECK (tenant_id = app.tenant());

-- Those who sign write the keyset; the hub sends it and notes what agents hold.
GRANT SELECT, INSERT ON "keyset" TO gatehouse_console, gatehouse_worker;
GRANT UPDATE ("version", "not_after", "payload", "signature", "key_id") ON "keyset" TO gatehouse_console, gatehouse_worker;
GRANT SELECT ON "keyset" TO gatehouse_hub;
GRANT SELECT ("is_root") ON "signing_key" TO gatehouse_hub;
GRANT UPDATE ("keyset_version", "ahead_keyset") ON "agent" TO gatehouse_hub;
-- A person rotates: a new key with its act, the one before retired for good, the revocation log signed with the new one. Roots are the operator's.
GRANT INSERT, UPDATE ("retired_at") ON "signing_key" TO gatehouse_console;
GRANT UPDATE ("signature", "key_id") ON "revocation" TO gatehouse_console;
CREATE POLICY "console_rotates" ON "signing_key" AS RESTRICTIVE FOR INSERT TO gatehouse_console WITH CHECK (NOT is_root AND audit_id IS NOT NULL);
CREATE POLICY "console_retires" ON "signing_key" AS RESTRICTIVE FOR UPDATE TO gatehouse_console USING (retired_at IS NULL) WITH CHECK (retired_at IS NOT NULL);
