-- Who decides what waits about a profile or a server can be said: people, and everybody in groups. A new table; nothing is rewritten.

-- CreateTable
CREATE TABLE "approver" (
    "tenant_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "server_id" UUID,
    "profile_id" UUID,
    "membership_id" UUID,
    "group_id" UUID,
    "added_by" UUID NOT NULL,
    "added_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "approver_pkey" PRIMARY KEY ("tenant_id","id")
);

-- CreateIndex
CREATE INDEX "approver_tenant_id_server_id_idx" ON "approver"("tenant_id", "server_id");

-- CreateIndex
CREATE INDEX "approver_tenant_id_profile_id_idx" ON "approver"("tenant_id", "profile_id");

-- CreateIndex
CREATE INDEX "approver_tenant_id_membership_id_idx" ON "approver"("tenant_id", "membership_id");

-- CreateIndex
CREATE INDEX "approver_tenant_id_group_id_idx" ON "approver"("tenant_id", "group_id");

-- AddForeignKey
ALTER TABLE "approver" ADD CONSTRAINT "approver_tenant_id_server_id_fkey" FOREIGN KEY ("tenant_id", "server_id") REFERENCES "server"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "approver" ADD CONSTRAINT "approver_tenant_id_profile_id_fkey" FOREIGN KEY ("tenant_id", "profile_id") REFERENCES "profile"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "approver" ADD CONSTRAINT "approver_tenant_id_membership_id_fkey" FOREIGN KEY ("tenant_id", "membership_id") REFERENCES "membership"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "approver" ADD CONSTRAINT "approver_tenant_id_group_id_fkey" FOREIGN KEY ("tenant_id", "group_id") REFERENCES "person_group"("tenant_id", "id") ON DELETE NO ACTION ON UPDATE NO ACTION;

-- ---------------------------------------------------------------------------------------------------------------------------------------
-- Written by hand from here on. packages/db/test/grants.int.test.ts guards the rights.

ALTER TABLE "approver" ADD CONSTRAINT "approver_of_one" CHECK (num_nonnulls(server_id, profile_id) = 1);
ALTER TABLE "approver" ADD CONSTRAINT "approver_is_one" CHECK (num_nonnulls(membership_id, group_id) = 1);

CREATE UNIQUE INDEX "approver_once_idx" ON "approver"("tenant_id", COALESCE("server_id", "profile_id"), COALESCE("membership_id", "group_id"));

ALTER TABLE "approver" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "approver" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant_isolation" ON "approver" FOR ALL USING (tenant_id = app.tenant()) WITH CHECK (tenant_id = app.tenant());

-- only where people act: who is named decides there, and no other process asks
GRANT SELECT, INSERT, DELETE ON "approver" TO gatehouse_console;
