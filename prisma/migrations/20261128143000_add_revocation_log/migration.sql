-- What was revoked, in a log of its own that only grows, signed apart from every configuration (docs/decisions/0016-revocation-log.md).
-- The worker puts into it what was revoked before: a migration cannot sign.

-- AlterTable
ALTER TABLE "agent" ADD COLUMN     "ahead_version" BIGINT;

-- CreateTable
CREATE TABLE "revocation" (
    "tenant_id" UUID NOT NULL,
    "seq" INTEGER NOT NULL,
    "hash" TEXT NOT NULL,
    "root" TEXT,
    "act" TEXT NOT NULL,
    "subject_kind" TEXT NOT NULL,
    "subject_id" TEXT NOT NULL,
    "subject_name" TEXT,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "entry_id" UUID NOT NULL,
    "of_entry_id" UUID,
    "payload" BYTEA NOT NULL,
    "signature" BYTEA NOT NULL,
    "key_id" UUID NOT NULL,
    "audit_id" UUID NOT NULL,

    CONSTRAINT "revocation_pkey" PRIMARY KEY ("tenant_id","seq")
);

-- CreateTable
CREATE TABLE "revocation_head" (
    "tenant_id" UUID NOT NULL,
    "count" INTEGER NOT NULL DEFAULT 0,
    "root" TEXT,
    "as_of" TIMESTAMPTZ(3),
    "payload" BYTEA,
    "signature" BYTEA,
    "key_id" UUID,

    CONSTRAINT "revocation_head_pkey" PRIMARY KEY ("tenant_id")
);

-- CreateTable
CREATE TABLE "revocation_handover" (
    "tenant_id" UUID NOT NULL,
    "hash" TEXT NOT NULL,
    "payload" BYTEA NOT NULL,
    "signature" BYTEA NOT NULL,
    "key_id" UUID NOT NULL,
    "agent_id" UUID NOT NULL,

    CONSTRAINT "revocation_handover_pkey" PRIMARY KEY ("tenant_id","hash")
);

-- CreateIndex
CREATE INDEX "revocation_tenant_id_subject_kind_subject_id_idx" ON "revocation"("tenant_id", "subject_kind", "subject_id");

-- CreateIndex
CREATE UNIQUE INDEX "revocation_tenant_id_hash_key" ON "revocation"("tenant_id", "hash");

-- AddForeignKey
ALTER TABLE "revocation" ADD CONSTRAINT "revocation_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenant"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "revocation" ADD CONSTRAINT "revocation_tenant_id_audit_id_fkey" FOREIGN KEY ("tenant_id", "audit_id") REFERENCES "admin_audit"("tenant_id", "id") ON DELETE NO ACTION ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "revocation_head" ADD CONSTRAINT "revocation_head_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenant"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "revocation_handover" ADD CONSTRAINT "revocation_handover_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenant"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- ---------------------------------------------------------------------------------------------------------------------------------------
-- Written by hand from here on. packages/db/test/grants.int.test.ts guards the rights.

DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['revocation', 'revocation_head', 'revocation_handover'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY tenant_isolation ON %I FOR ALL USING (tenant_id = app.tenant()) WITH CHECK (tenant_id = app.tenant())', name);
  END LOOP;
END
$$;

-- Those who sign write the log; nobody changes or removes an entry.
GRANT SELECT, INSERT ON "revocation", "revocation_head" TO gatehouse_console, gatehouse_worker;
GRANT UPDATE ("count", "root", "as_of", "payload", "signature", "key_id") ON "revocation_head" TO gatehouse_console, gatehouse_worker;
-- The hub sends it, hands over what agents bring back, and notes which version an agent is ahead with. It adds nothing to the log.
GRANT SELECT ON "revocation", "revocation_head" TO gatehouse_hub;
GRANT SELECT, INSERT ON "revocation_handover" TO gatehouse_hub;
GRANT UPDATE ("ahead_version") ON "agent" TO gatehouse_hub;
-- The worker takes over what carries the tenant's signature, and does to the rows what it says: it revokes and switches off, never back on.
GRANT SELECT, DELETE ON "revocation_handover" TO gatehouse_worker;
GRANT SELECT ("ahead_version") ON "agent" TO gatehouse_worker;
GRANT UPDATE ("revoked_at") ON "client_key", "agent" TO gatehouse_worker;
GRANT UPDATE ("disabled_at") ON "server", "profile" TO gatehouse_worker;
CREATE POLICY "worker_revokes" ON "client_key" AS RESTRICTIVE FOR UPDATE TO gatehouse_worker USING (revoked_at IS NULL) WITH CHECK (revoked_at IS NOT NULL);
CREATE POLICY "worker_revokes" ON "agent" AS RESTRICTIVE FOR UPDATE TO gatehouse_worker USING (revoked_at IS NULL) WITH CHECK (revoked_at IS NOT NULL);
CREATE POLICY "worker_disables" ON "server" AS RESTRICTIVE FOR UPDATE TO gatehouse_worker USING (disabled_at IS NULL) WITH CHECK (disabled_at IS NOT NULL);
CREATE POLICY "worker_disables" ON "profile" AS RESTRICTIVE FOR UPDATE TO gatehouse_worker USING (disabled_at IS NULL) WITH CHECK (disabled_at IS NOT NULL);
