-- An account has no address of its own: a workspace knows its members by the address that it invited, and who proved an address has it in
-- "user_email". Memberships are ended and never deleted. docs/decisions/0014-accounts-by-proof.md says why.

-- CreateEnum
CREATE TYPE "account_token_kind" AS ENUM ('invitation', 'reset');

-- AlterTable
ALTER TABLE "user" ADD COLUMN "password_due" BOOLEAN NOT NULL DEFAULT false;

-- AlterTable
ALTER TABLE "membership" ADD COLUMN "email" TEXT, ADD COLUMN "ended_at" TIMESTAMPTZ(3);

-- CreateTable
CREATE TABLE "user_email" (
    "email" TEXT NOT NULL,
    "user_id" UUID NOT NULL,
    "verified_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "user_email_pkey" PRIMARY KEY ("email")
);

-- CreateTable
CREATE TABLE "account_token" (
    "tenant_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "kind" "account_token_kind" NOT NULL,
    "token_hash" TEXT NOT NULL,
    "email" TEXT NOT NULL,
    "role" "role" NOT NULL,
    "membership_id" UUID,
    "created_by" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "used_at" TIMESTAMPTZ(3),
    "withdrawn_at" TIMESTAMPTZ(3),

    CONSTRAINT "account_token_pkey" PRIMARY KEY ("tenant_id","id")
);

-- CreateIndex
CREATE INDEX "user_email_user_id_idx" ON "user_email"("user_id");

-- CreateIndex
CREATE INDEX "account_token_token_hash_idx" ON "account_token"("token_hash");

-- CreateIndex
CREATE UNIQUE INDEX "account_token_tenant_id_token_hash_key" ON "account_token"("tenant_id", "token_hash");

-- AddForeignKey
ALTER TABLE "user_email" ADD CONSTRAINT "user_email_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "user"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "account_token" ADD CONSTRAINT "account_token_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenant"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "account_token" ADD CONSTRAINT "account_token_tenant_id_membership_id_fkey" FOREIGN KEY ("tenant_id", "membership_id") REFERENCES "membership"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- ---------------------------------------------------------------------------------------------------------------------------------------
-- Written by hand from here on. packages/services/test/migration.int.test.ts guards the data, packages/db/test the rest.

-- People sign in as before. Whoever typed an address before proved nothing, so none of these becomes a proven one; and every password so far
-- was chosen by somebody else, so each person chooses one at the next sign-in.
UPDATE "membership" SET "email" = "user"."email" FROM "user" WHERE "user"."id" = "membership"."user_id";
ALTER TABLE "membership" ALTER COLUMN "email" SET NOT NULL;
UPDATE "user" SET "password_due" = true WHERE "password_hash" IS NOT NULL;
CREATE INDEX "membership_email_idx" ON "membership"("email");
-- Policies and checks that name the column, before the column itself.
DROP POLICY "presented_or_member" ON "user";
DROP POLICY "presented_insert" ON "user";
ALTER TABLE "user" DROP COLUMN "email";

-- One live membership of a tenant for each account and for each address, one open invitation for each address.
DROP INDEX "membership_tenant_id_user_id_key";
CREATE UNIQUE INDEX "membership_live_user_key" ON "membership"("tenant_id", "user_id") WHERE "ended_at" IS NULL;
CREATE UNIQUE INDEX "membership_live_email_key" ON "membership"("tenant_id", "email") WHERE "ended_at" IS NULL;
CREATE UNIQUE INDEX "account_token_open_invitation_key" ON "account_token"("tenant_id", "email")
  WHERE "kind" = 'invitation' AND "used_at" IS NULL AND "withdrawn_at" IS NULL;

-- Addresses are compared as stored.
ALTER TABLE "membership" ADD CONSTRAINT "membership_email_lower_check" CHECK ("email" = lower("email"));
ALTER TABLE "user_email" ADD CONSTRAINT "user_email_lower_check" CHECK ("email" = lower("email"));
ALTER TABLE "account_token" ADD CONSTRAINT "account_token_email_lower_check" CHECK ("email" = lower("email"));
ALTER TABLE "account_token" ADD CONSTRAINT "account_token_membership_check"
  CHECK ("kind" = 'invitation' OR "membership_id" IS NOT NULL);

-- A person is seen by the own id, and by the tenants that the person belongs to now.
CREATE POLICY "own_or_member" ON "user" FOR SELECT USING (
  id = app.user_id() OR EXISTS (
    SELECT FROM membership WHERE membership.tenant_id = app.tenant_unless_presented() AND membership.user_id = "user".id
      AND membership.ended_at IS NULL));
CREATE POLICY "own_insert" ON "user" FOR INSERT WITH CHECK (id = app.user_id());

-- Memberships are also seen by presenting their address: whoever signs in has said no more yet.
ALTER POLICY "tenant_or_own" ON "membership" USING (
  tenant_id = app.tenant_unless_presented() OR (NOT app.has_tenant() AND (user_id = app.user_id() OR email = app.lookup())));

-- A proven address is seen by presenting it, and by the person; nobody changes one.
ALTER TABLE "user_email" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "user_email" FORCE ROW LEVEL SECURITY;
CREATE POLICY "own_or_presented" ON "user_email" FOR SELECT USING (
  CASE WHEN user_id = app.user_id() OR email = app.lookup() THEN true
       WHEN app.user_id() IS NOT NULL OR app.lookup() IS NOT NULL THEN false
       ELSE app.tenant() IS NULL END);
CREATE POLICY "own_insert" ON "user_email" FOR INSERT WITH CHECK (user_id = app.user_id());

ALTER TABLE "account_token" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "account_token" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant_or_presented" ON "account_token" FOR SELECT USING (
  tenant_id = app.tenant_unless_presented() OR (NOT app.has_tenant() AND token_hash = app.lookup()));
CREATE POLICY "tenant_insert" ON "account_token" FOR INSERT WITH CHECK (tenant_id = app.tenant());
CREATE POLICY "tenant_update" ON "account_token" FOR UPDATE USING (tenant_id = app.tenant()) WITH CHECK (tenant_id = app.tenant());
CREATE POLICY "tenant_delete" ON "account_token" FOR DELETE USING (tenant_id = app.tenant());

-- The console makes and spends links, ends memberships and gives them another account, and lets people choose their passwords.
REVOKE DELETE ON "membership" FROM gatehouse_console;
GRANT UPDATE ("ended_at", "user_id") ON "membership" TO gatehouse_console;
GRANT UPDATE ("password_hash", "password_due") ON "user" TO gatehouse_console;
GRANT SELECT, INSERT ON "user_email" TO gatehouse_console;
GRANT SELECT, INSERT ON "account_token" TO gatehouse_console;
GRANT UPDATE ("token_hash", "membership_id", "created_by", "expires_at", "used_at", "withdrawn_at") ON "account_token" TO gatehouse_console;
-- The worker removes links that led nowhere.
GRANT SELECT, DELETE ON "account_token" TO gatehouse_worker;
