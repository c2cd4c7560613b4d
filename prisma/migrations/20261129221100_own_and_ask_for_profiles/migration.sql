-- Profiles and servers have an owner, and people ask for profiles. The columns are null, or have a constant default, so no table is rewritten; then each is owned
-- by who made it, as far as that person is still a member, which touches each row of two small tables once.

-- CreateEnum
CREATE TYPE "access_request_state" AS ENUM ('open', 'granted', 'refused', 'withdrawn');

-- AlterTable
ALTER TABLE "profile" ADD COLUMN     "is_askable" BOOLEAN NOT NULL DEFAULT true,
ADD COLUMN     "owner_group_id" UUID,
ADD COLUMN     "owner_membership_id" UUID;

-- AlterTable
ALTER TABLE "server" ADD COLUMN     "owner_group_id" UUID,
ADD COLUMN     "owner_membership_id" UUID;

-- CreateTable
CREATE TABLE "access_request" (
    "tenant_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "profile_id" UUID NOT NULL,
    "membership_id" UUID NOT NULL,
    "state" "access_request_state" NOT NULL DEFAULT 'open',
    "reason" TEXT NOT NULL,
    "requested_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "wanted_until" TIMESTAMPTZ(3),
    "decided_by" UUID,
    "decided_at" TIMESTAMPTZ(3),
    "decision" TEXT,
    "granted_until" TIMESTAMPTZ(3),

    CONSTRAINT "access_request_pkey" PRIMARY KEY ("tenant_id","id")
);

-- CreateIndex
CREATE INDEX "access_request_tenant_id_profile_id_requested_at_idx" ON "access_request"("tenant_id", "profile_id", "requested_at" DESC);

-- CreateIndex
CREATE INDEX "access_request_tenant_id_membership_id_profile_id_idx" ON "access_request"("tenant_id", "membership_id", "profile_id");

-- AddForeignKey
ALTER TABLE "profile" ADD CONSTRAINT "profile_tenant_id_owner_membership_id_fkey" FOREIGN KEY ("tenant_id", "owner_membership_id") REFERENCES "membership"("tenant_id", "id") ON DELETE NO ACTION ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "profile" ADD CONSTRAINT "profile_tenant_id_owner_group_id_fkey" FOREIGN KEY ("tenant_id", "owner_group_id") REFERENCES "person_group"("tenant_id", "id") ON DELETE NO ACTION ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "access_request" ADD CONSTRAINT "access_request_tenant_id_profile_id_fkey" FOREIGN KEY ("tenant_id", "profile_id") REFERENCES "profile"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "access_request" ADD CONSTRAINT "access_request_tenant_id_membership_id_fkey" FOREIGN KEY ("tenant_id", "membership_id") REFERENCES "membership"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "server" ADD CONSTRAINT "server_tenant_id_owner_membership_id_fkey" FOREIGN KEY ("tenant_id", "owner_membership_id") REFERENCES "membership"("tenant_id", "id") ON DELETE NO ACTION ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "server" ADD CONSTRAINT "server_tenant_id_owner_group_id_fkey" FOREIGN KEY ("tenant_id", "owner_group_id") REFERENCES "person_group"("tenant_id", "id") ON DELETE NO ACTION ON UPDATE NO ACTION;

-- ---------------------------------------------------------------------------------------------------------------------------------------
-- Written by hand from here on. packages/db/test/grants.int.test.ts guards the rights.

ALTER TABLE "profile" ADD CONSTRAINT "profile_has_one_owner" CHECK (num_nonnulls(owner_membership_id, owner_group_id) <= 1);
ALTER TABLE "server" ADD CONSTRAINT "server_has_one_owner" CHECK (num_nonnulls(owner_membership_id, owner_group_id) <= 1);

CREATE UNIQUE INDEX "access_request_open_idx" ON "access_request"("tenant_id", "profile_id", "membership_id") WHERE state = 'open';

ALTER TABLE "access_request" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "access_request" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant_isolation" ON "access_request" FOR ALL USING (tenant_id = app.tenant()) WITH CHECK (tenant_id = app.tenant());

GRANT SELECT, INSERT ON "access_request" TO gatehouse_console;
GRANT UPDATE ("state", "decided_by", "decided_at", "decision", "granted_until") ON "access_request" TO gatehouse_console;
GRANT UPDATE ("owner_membership_id", "owner_group_id", "is_askable") ON "profile" TO gatehouse_console;
GRANT UPDATE ("owner_membership_id", "owner_group_id") ON "server" TO gatehouse_console;
-- what was decided stays
CREATE POLICY "console_answers" ON "access_request" AS RESTRICTIVE FOR UPDATE TO gatehouse_console USING (state = 'open') WITH CHECK (state <> 'open');

ALTER TABLE "profile" NO FORCE ROW LEVEL SECURITY;
ALTER TABLE "server" NO FORCE ROW LEVEL SECURITY;
ALTER TABLE "membership" NO FORCE ROW LEVEL SECURITY;
UPDATE "profile" p SET "owner_membership_id" = p."created_by" FROM "membership" m
  WHERE m."tenant_id" = p."tenant_id" AND m."id" = p."created_by" AND m."ended_at" IS NULL;
UPDATE "server" s SET "owner_membership_id" = s."created_by" FROM "membership" m
  WHERE m."tenant_id" = s."tenant_id" AND m."id" = s."created_by" AND m."ended_at" IS NULL;
ALTER TABLE "profile" FORCE ROW LEVEL SECURITY;
ALTER TABLE "server" FORCE ROW LEVEL SECURITY;
ALTER TABLE "membership" FORCE ROW LEVEL SECURITY;
