-- People are put into groups, profiles are given to groups, and access of a person may have an end (docs/decisions/0054-access-of-a-group.md).
-- The new column has no default, so no table is rewritten; the new tables are empty.

-- CreateEnum
CREATE TYPE "group_source" AS ENUM ('manual', 'provider');

-- AlterTable
ALTER TABLE "profile_access" ADD COLUMN     "until" TIMESTAMPTZ(3);

-- CreateTable
CREATE TABLE "person_group" (
    "tenant_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "description" TEXT NOT NULL DEFAULT '',
    "source" "group_source" NOT NULL DEFAULT 'manual',
    "external_id" TEXT,
    "created_by" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "revision" INTEGER NOT NULL DEFAULT 1,

    CONSTRAINT "person_group_pkey" PRIMARY KEY ("tenant_id","id")
);

-- CreateTable
CREATE TABLE "group_member" (
    "tenant_id" UUID NOT NULL,
    "group_id" UUID NOT NULL,
    "membership_id" UUID NOT NULL,
    "added_by" UUID NOT NULL,
    "added_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "audit_id" UUID,

    CONSTRAINT "group_member_pkey" PRIMARY KEY ("tenant_id","group_id","membership_id")
);

-- CreateTable
CREATE TABLE "profile_group" (
    "tenant_id" UUID NOT NULL,
    "profile_id" UUID NOT NULL,
    "group_id" UUID NOT NULL,
    "granted_by" UUID NOT NULL,
    "granted_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "audit_id" UUID,

    CONSTRAINT "profile_group_pkey" PRIMARY KEY ("tenant_id","profile_id","group_id")
);

-- CreateIndex
CREATE INDEX "group_member_tenant_id_membership_id_idx" ON "group_member"("tenant_id", "membership_id");

-- CreateIndex
CREATE INDEX "profile_group_tenant_id_group_id_idx" ON "profile_group"("tenant_id", "group_id");

-- AddForeignKey
ALTER TABLE "person_group" ADD CONSTRAINT "person_group_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenant"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "group_member" ADD CONSTRAINT "group_member_tenant_id_group_id_fkey" FOREIGN KEY ("tenant_id", "group_id") REFERENCES "person_group"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "group_member" ADD CONSTRAINT "group_member_tenant_id_membership_id_fkey" FOREIGN KEY ("tenant_id", "membership_id") REFERENCES "membership"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "group_member" ADD CONSTRAINT "group_member_tenant_id_audit_id_fkey" FOREIGN KEY ("tenant_id", "audit_id") REFERENCES "admin_audit"("tenant_id", "id") ON DELETE NO ACTION ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "profile_group" ADD CONSTRAINT "profile_group_tenant_id_profile_id_fkey" FOREIGN KEY ("tenant_id", "profile_id") REFERENCES "profile"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "profile_group" ADD CONSTRAINT "profile_group_tenant_id_group_id_fkey" FOREIGN KEY ("tenant_id", "group_id") REFERENCES "person_group"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "profile_group" ADD CONSTRAINT "profile_group_tenant_id_audit_id_fkey" FOREIGN KEY ("tenant_id", "audit_id") REFERENCES "admin_audit"("tenant_id", "id") ON DELETE NO ACTION ON UPDATE NO ACTION;

-- ---------------------------------------------------------------------------------------------------------------------------------------
-- Written by hand from here on. packages/db/test/grants.int.test.ts guards the rights.

CREATE UNIQUE INDEX "person_group_name_key" ON "person_group"("tenant_id", lower("name"));
CREATE INDEX "group_member_bucket_idx" ON "group_member" ("tenant_id", "app"."bucket"("membership_id"));

DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['person_group', 'group_member', 'profile_group'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY tenant_isolation ON %I FOR ALL USING (tenant_id = app.tenant()) WITH CHECK (tenant_id = app.tenant())', name);
  END LOOP;
END
$$;

-- Only people put people into groups and give groups something; who signs reads it. The hub has nothing to do with either.
GRANT SELECT, INSERT, DELETE ON "person_group", "group_member", "profile_group" TO gatehouse_console;
GRANT UPDATE ("name", "description", "revision") ON "person_group" TO gatehouse_console;
GRANT SELECT ON "group_member", "profile_group" TO gatehouse_worker;
