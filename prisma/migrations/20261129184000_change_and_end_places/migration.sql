-- Sites, agents, members, client keys and workspaces can be changed and ended (docs/decisions/0048-how-a-workspace-ends.md). Columns without a default,
-- or with a constant one, take no rewrite of a table; the two foreign keys and the index read small tables.

-- AlterTable
ALTER TABLE "agent" ADD COLUMN     "archived_at" TIMESTAMPTZ(3),
ADD COLUMN     "labels" JSONB NOT NULL DEFAULT '{}';

-- AlterTable
ALTER TABLE "client_key" ADD COLUMN     "last_used_at" TIMESTAMPTZ(3);

-- AlterTable
ALTER TABLE "membership" ADD COLUMN     "display_name" TEXT,
ADD COLUMN     "last_seen_at" TIMESTAMPTZ(3);

-- AlterTable
ALTER TABLE "site" ADD COLUMN     "ended_at" TIMESTAMPTZ(3);

-- AlterTable
ALTER TABLE "tenant" ADD COLUMN     "colour" TEXT,
ADD COLUMN     "delete_after" TIMESTAMPTZ(3),
ADD COLUMN     "deletion_asked_at" TIMESTAMPTZ(3),
ADD COLUMN     "environment" TEXT,
ADD COLUMN     "suspended_at" TIMESTAMPTZ(3);

-- DropIndex
DROP INDEX "agent_tenant_id_site_id_name_key";

-- AddForeignKey
ALTER TABLE "server" ADD CONSTRAINT "server_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenant"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "profile" ADD CONSTRAINT "profile_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenant"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- ---------------------------------------------------------------------------------------------------------------------------------------
-- Written by hand from here on. packages/db/test/grants.int.test.ts guards the rights.

-- A revoked agent gives its name free: who is enrolled again in its place is called as before.
CREATE UNIQUE INDEX "agent_live_name_key" ON "agent"("tenant_id", "site_id", "name") WHERE "revoked_at" IS NULL;

GRANT UPDATE ("name", "endpoint_url", "ended_at") ON "site" TO gatehouse_console;
GRANT UPDATE ("name", "labels", "archived_at") ON "agent" TO gatehouse_console;
GRANT UPDATE ("display_name", "last_seen_at") ON "membership" TO gatehouse_console;
GRANT UPDATE ("name", "colour", "environment", "deletion_asked_at", "delete_after") ON "tenant" TO gatehouse_console;
-- When a key was last used is seen in receipts, which the hub takes in.
GRANT SELECT ("tenant_id", "id", "last_used_at") ON "client_key" TO gatehouse_hub;
GRANT UPDATE ("last_used_at") ON "client_key" TO gatehouse_hub;

-- The end of a workspace takes two processes and thirty days: the console can ask for it and take that back, and nothing sooner than that; the worker
-- can remove what is due and nothing else. The day less is for clocks.
CREATE POLICY "console_asks" ON "tenant" AS RESTRICTIVE FOR UPDATE TO gatehouse_console
  USING (true) WITH CHECK (delete_after IS NULL OR delete_after > now() + interval '29 days');

CREATE FUNCTION "app"."is_due"("tenant" uuid) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT EXISTS (SELECT FROM public.tenant WHERE tenant.id = $1 AND tenant.delete_after <= now()) $$;

CREATE POLICY "own_delete" ON "tenant" FOR DELETE USING (id = app.tenant());
GRANT DELETE ON "tenant", "server", "profile", "signing_key" TO gatehouse_worker;
CREATE POLICY "worker_erases" ON "tenant" AS RESTRICTIVE FOR DELETE TO gatehouse_worker USING (delete_after <= now());
CREATE POLICY "worker_erases" ON "server" AS RESTRICTIVE FOR DELETE TO gatehouse_worker USING (app.is_due(tenant_id));
CREATE POLICY "worker_erases" ON "profile" AS RESTRICTIVE FOR DELETE TO gatehouse_worker USING (app.is_due(tenant_id));
CREATE POLICY "worker_erases" ON "signing_key" AS RESTRICTIVE FOR DELETE TO gatehouse_worker USING (app.is_due(tenant_id));
ALTER POLICY "worker_prunes" ON "revocation" USING (prune_at < now() OR app.is_due(tenant_id));

-- Who belonged to no other workspace is erased with it: an account that opens nothing is nothing but personal data.
GRANT DELETE ON "user" TO gatehouse_worker;
CREATE POLICY "own_delete" ON "user" FOR DELETE USING (id = app.user_id());
CREATE POLICY "worker_erases" ON "user" AS RESTRICTIVE FOR DELETE TO gatehouse_worker
  USING (id = app.user_id() AND NOT EXISTS (SELECT FROM membership WHERE membership.user_id = "user".id));
