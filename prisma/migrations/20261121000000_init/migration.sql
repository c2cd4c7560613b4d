-- CreateEnum
CREATE TYPE "role" AS ENUM ('owner', 'admin', 'reviewer', 'auditor', 'builder', 'member');

-- CreateEnum
CREATE TYPE "outcome" AS ENUM ('allowed', 'denied', 'held', 'failed');

-- CreateEnum
CREATE TYPE "risk" AS ENUM ('read', 'write', 'destructive', 'open_world');

-- CreateEnum
CREATE TYPE "review_state" AS ENUM ('open', 'decided', 'superseded', 'expired');

-- CreateEnum
CREATE TYPE "tool_verdict" AS ENUM ('pending', 'approved', 'rejected');

-- CreateEnum
CREATE TYPE "discovery_status" AS ENUM ('waiting', 'running', 'succeeded', 'failed');

-- CreateTable
CREATE TABLE "tenant" (
    "id" UUID NOT NULL,
    "slug" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "tenant_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "signing_key" (
    "tenant_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "public_key" BYTEA NOT NULL,
    "private_key_sealed" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "retired_at" TIMESTAMPTZ(3),

    CONSTRAINT "signing_key_pkey" PRIMARY KEY ("tenant_id","id")
);

-- CreateTable
CREATE TABLE "admin_audit" (
    "tenant_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "actor_kind" TEXT NOT NULL,
    "actor_id" TEXT NOT NULL,
    "action" TEXT NOT NULL,
    "entity_type" TEXT NOT NULL,
    "entity_id" TEXT NOT NULL,
    "before" JSONB,
    "after" JSONB,
    "request_id" TEXT,

    CONSTRAINT "admin_audit_pkey" PRIMARY KEY ("tenant_id","id")
);

-- CreateTable
CREATE TABLE "rate_limit" (
    "key" TEXT NOT NULL,
    "points" INTEGER NOT NULL DEFAULT 0,
    "expire" BIGINT,

    CONSTRAINT "rate_limit_pkey" PRIMARY KEY ("key")
);

-- CreateTable
CREATE TABLE "user" (
    "id" UUID NOT NULL,
    "email" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "password_hash" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "disabled_at" TIMESTAMPTZ(3),

    CONSTRAINT "user_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "console_session" (
    "id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "last_seen_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "revoked_at" TIMESTAMPTZ(3),
    "ip" TEXT,
    "user_agent" TEXT,

    CONSTRAINT "console_session_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "membership" (
    "tenant_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "role" "role" NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "membership_pkey" PRIMARY KEY ("tenant_id","id")
);

-- CreateTable
CREATE TABLE "profile" (
    "tenant_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "slug" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "description" TEXT NOT NULL DEFAULT '',
    "draft" JSONB NOT NULL,
    "draft_updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "published_version" INTEGER,
    "created_by" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "disabled_at" TIMESTAMPTZ(3),

    CONSTRAINT "profile_pkey" PRIMARY KEY ("tenant_id","id")
);

-- CreateTable
CREATE TABLE "profile_version" (
    "tenant_id" UUID NOT NULL,
    "profile_id" UUID NOT NULL,
    "number" INTEGER NOT NULL,
    "document" JSONB NOT NULL,
    "content_hash" TEXT NOT NULL,
    "published_by" UUID NOT NULL,
    "published_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "profile_version_pkey" PRIMARY KEY ("tenant_id","profile_id","number")
);

-- CreateTable
CREATE TABLE "profile_site" (
    "tenant_id" UUID NOT NULL,
    "profile_id" UUID NOT NULL,
    "site_id" UUID NOT NULL,

    CONSTRAINT "profile_site_pkey" PRIMARY KEY ("tenant_id","profile_id","site_id")
);

-- CreateTable
CREATE TABLE "profile_access" (
    "tenant_id" UUID NOT NULL,
    "profile_id" UUID NOT NULL,
    "membership_id" UUID NOT NULL,
    "granted_by" UUID NOT NULL,
    "granted_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "profile_access_pkey" PRIMARY KEY ("tenant_id","profile_id","membership_id")
);

-- CreateTable
CREATE TABLE "client_key" (
    "tenant_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "membership_id" UUID NOT NULL,
    "profile_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "key_hash" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "revoked_at" TIMESTAMPTZ(3),

    CONSTRAINT "client_key_pkey" PRIMARY KEY ("tenant_id","id")
);

-- CreateTable
CREATE TABLE "agent_stream" (
    "tenant_id" UUID NOT NULL,
    "agent_id" UUID NOT NULL,
    "spool_id" UUID NOT NULL,
    "last_seq" BIGINT NOT NULL DEFAULT 0,
    "head_hash" TEXT NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "agent_stream_pkey" PRIMARY KEY ("tenant_id","agent_id","spool_id")
);

-- CreateTable
CREATE TABLE "receipt" (
    "tenant_id" UUID NOT NULL,
    "received_at" TIMESTAMPTZ(3) NOT NULL,
    "id" UUID NOT NULL,
    "agent_id" UUID NOT NULL,
    "site_id" UUID NOT NULL,
    "spool_id" UUID NOT NULL,
    "seq" BIGINT NOT NULL,
    "event_at" TIMESTAMPTZ(3) NOT NULL,
    "person_id" UUID,
    "key_id" UUID,
    "session_id" TEXT,
    "client_name" TEXT,
    "client_version" TEXT,
    "profile_id" UUID,
    "profile_version" INTEGER,
    "server_id" UUID,
    "tool_name" TEXT,
    "advertised_name" TEXT,
    "tool_fingerprint" TEXT,
    "risk" "risk",
    "outcome" "outcome" NOT NULL,
    "reason_code" TEXT NOT NULL,
    "config_version" BIGINT NOT NULL,
    "duration_ms" DOUBLE PRECISION NOT NULL,
    "upstream_ms" DOUBLE PRECISION,
    "document" JSONB NOT NULL,
    "prev_hash" TEXT NOT NULL,
    "hash" TEXT NOT NULL,

    CONSTRAINT "receipt_pkey" PRIMARY KEY ("tenant_id","received_at","id")
) PARTITION BY RANGE ("received_at");

-- CreateTable
CREATE TABLE "server" (
    "tenant_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "slug" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "transport" JSONB NOT NULL,
    "purpose" TEXT NOT NULL,
    "created_by" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "disabled_at" TIMESTAMPTZ(3),

    CONSTRAINT "server_pkey" PRIMARY KEY ("tenant_id","id")
);

-- CreateTable
CREATE TABLE "server_site" (
    "tenant_id" UUID NOT NULL,
    "server_id" UUID NOT NULL,
    "site_id" UUID NOT NULL,

    CONSTRAINT "server_site_pkey" PRIMARY KEY ("tenant_id","server_id","site_id")
);

-- CreateTable
CREATE TABLE "discovery" (
    "tenant_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "server_id" UUID NOT NULL,
    "site_id" UUID NOT NULL,
    "agent_id" UUID NOT NULL,
    "requested_by" UUID NOT NULL,
    "status" "discovery_status" NOT NULL DEFAULT 'waiting',
    "stages" JSONB NOT NULL DEFAULT '[]',
    "error_code" TEXT,
    "error_text" TEXT,
    "payload" BYTEA NOT NULL,
    "signature" BYTEA NOT NULL,
    "key_id" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "finished_at" TIMESTAMPTZ(3),
    "revision_id" UUID,

    CONSTRAINT "discovery_pkey" PRIMARY KEY ("tenant_id","id")
);

-- CreateTable
CREATE TABLE "server_revision" (
    "tenant_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "server_id" UUID NOT NULL,
    "number" INTEGER NOT NULL,
    "protocol_version" TEXT NOT NULL,
    "server_info" JSONB NOT NULL,
    "instructions" TEXT,
    "content_hash" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "server_revision_pkey" PRIMARY KEY ("tenant_id","id")
);

-- CreateTable
CREATE TABLE "revision_tool" (
    "tenant_id" UUID NOT NULL,
    "revision_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "definition" JSON NOT NULL,
    "pin" TEXT NOT NULL,

    CONSTRAINT "revision_tool_pkey" PRIMARY KEY ("tenant_id","revision_id","name")
);

-- CreateTable
CREATE TABLE "review" (
    "tenant_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "server_id" UUID NOT NULL,
    "revision_id" UUID NOT NULL,
    "state" "review_state" NOT NULL DEFAULT 'open',
    "requested_by" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "decided_at" TIMESTAMPTZ(3),
    "valid_until" TIMESTAMPTZ(3),

    CONSTRAINT "review_pkey" PRIMARY KEY ("tenant_id","id")
);

-- CreateTable
CREATE TABLE "tool_decision" (
    "tenant_id" UUID NOT NULL,
    "review_id" UUID NOT NULL,
    "server_id" UUID NOT NULL,
    "tool_name" TEXT NOT NULL,
    "pin" TEXT NOT NULL,
    "verdict" "tool_verdict" NOT NULL DEFAULT 'pending',
    "risk" "risk" NOT NULL,
    "log_arguments" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "log_results" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "note" TEXT,
    "decided_by" UUID,
    "decided_at" TIMESTAMPTZ(3),

    CONSTRAINT "tool_decision_pkey" PRIMARY KEY ("tenant_id","review_id","tool_name")
);

-- CreateTable
CREATE TABLE "site" (
    "tenant_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "slug" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "endpoint_url" TEXT,
    "snapshot_version" BIGINT NOT NULL DEFAULT 0,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "site_pkey" PRIMARY KEY ("tenant_id","id")
);

-- CreateTable
CREATE TABLE "agent" (
    "tenant_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "site_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "public_key" BYTEA NOT NULL,
    "hostname" TEXT,
    "platform" TEXT,
    "agent_version" TEXT,
    "enrolled_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "revoked_at" TIMESTAMPTZ(3),
    "quarantined_at" TIMESTAMPTZ(3),
    "connection_epoch" BIGINT NOT NULL DEFAULT 0,
    "connected_at" TIMESTAMPTZ(3),
    "disconnected_at" TIMESTAMPTZ(3),
    "last_seen_at" TIMESTAMPTZ(3),
    "endpoint_url" TEXT,
    "acked_version" BIGINT NOT NULL DEFAULT 0,
    "acked_hash" TEXT,
    "acked_at" TIMESTAMPTZ(3),
    "rejected_version" BIGINT,
    "rejected_code" TEXT,
    "rejected_reason" TEXT,
    "rejected_at" TIMESTAMPTZ(3),
    "buffered_receipts" INTEGER NOT NULL DEFAULT 0,
    "clock_skew_ms" INTEGER,
    "open_sessions" INTEGER NOT NULL DEFAULT 0,
    "stdio_entries" JSONB NOT NULL DEFAULT '[]',
    "server_health" JSONB NOT NULL DEFAULT '[]',

    CONSTRAINT "agent_pkey" PRIMARY KEY ("tenant_id","id")
);

-- CreateTable
CREATE TABLE "join_token" (
    "tenant_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "site_id" UUID NOT NULL,
    "agent_name" TEXT NOT NULL,
    "token_hash" TEXT NOT NULL,
    "created_by" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "presented_at" TIMESTAMPTZ(3),
    "used_at" TIMESTAMPTZ(3),
    "used_by_agent_id" UUID,
    "revoked_at" TIMESTAMPTZ(3),
    "failure_code" TEXT,
    "failure_at" TIMESTAMPTZ(3),

    CONSTRAINT "join_token_pkey" PRIMARY KEY ("tenant_id","id")
);

-- CreateTable
CREATE TABLE "snapshot" (
    "tenant_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "site_id" UUID NOT NULL,
    "version" BIGINT NOT NULL,
    "content_hash" TEXT NOT NULL,
    "payload" BYTEA NOT NULL,
    "signature" BYTEA NOT NULL,
    "key_id" UUID NOT NULL,
    "not_after" TIMESTAMPTZ(3) NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "reason" TEXT NOT NULL,

    CONSTRAINT "snapshot_pkey" PRIMARY KEY ("tenant_id","id")
);

-- CreateIndex
CREATE UNIQUE INDEX "tenant_slug_key" ON "tenant"("slug");

-- CreateIndex
CREATE INDEX "admin_audit_tenant_id_at_idx" ON "admin_audit"("tenant_id", "at" DESC);

-- CreateIndex
CREATE UNIQUE INDEX "user_email_key" ON "user"("email");

-- CreateIndex
CREATE INDEX "console_session_user_id_idx" ON "console_session"("user_id");

-- CreateIndex
CREATE INDEX "membership_user_id_idx" ON "membership"("user_id");

-- CreateIndex
CREATE UNIQUE INDEX "membership_tenant_id_user_id_key" ON "membership"("tenant_id", "user_id");

-- CreateIndex
CREATE UNIQUE INDEX "profile_tenant_id_slug_key" ON "profile"("tenant_id", "slug");

-- CreateIndex
CREATE UNIQUE INDEX "client_key_tenant_id_key_hash_key" ON "client_key"("tenant_id", "key_hash");

-- CreateIndex
CREATE INDEX "receipt_tenant_id_id_idx" ON "receipt"("tenant_id", "id");

-- CreateIndex
CREATE INDEX "receipt_tenant_id_received_at_seq_idx" ON "receipt"("tenant_id", "received_at" DESC, "seq");

-- CreateIndex
CREATE INDEX "receipt_tenant_id_tool_name_received_at_idx" ON "receipt"("tenant_id", "tool_name", "received_at" DESC);

-- CreateIndex
CREATE INDEX "receipt_tenant_id_person_id_received_at_idx" ON "receipt"("tenant_id", "person_id", "received_at" DESC);

-- CreateIndex
CREATE INDEX "receipt_tenant_id_outcome_received_at_idx" ON "receipt"("tenant_id", "outcome", "received_at" DESC);

-- CreateIndex
CREATE UNIQUE INDEX "server_tenant_id_slug_key" ON "server"("tenant_id", "slug");

-- CreateIndex
CREATE INDEX "discovery_tenant_id_agent_id_status_idx" ON "discovery"("tenant_id", "agent_id", "status");

-- CreateIndex
CREATE UNIQUE INDEX "server_revision_tenant_id_server_id_number_key" ON "server_revision"("tenant_id", "server_id", "number");

-- CreateIndex
CREATE INDEX "review_tenant_id_state_idx" ON "review"("tenant_id", "state");

-- CreateIndex
CREATE UNIQUE INDEX "review_tenant_id_revision_id_key" ON "review"("tenant_id", "revision_id");

-- CreateIndex
CREATE INDEX "tool_decision_tenant_id_server_id_verdict_idx" ON "tool_decision"("tenant_id", "server_id", "verdict");

-- CreateIndex
CREATE UNIQUE INDEX "site_tenant_id_slug_key" ON "site"("tenant_id", "slug");

-- CreateIndex
CREATE INDEX "agent_id_idx" ON "agent"("id");

-- CreateIndex
CREATE UNIQUE INDEX "agent_tenant_id_site_id_name_key" ON "agent"("tenant_id", "site_id", "name");

-- CreateIndex
CREATE INDEX "join_token_token_hash_idx" ON "join_token"("token_hash");

-- CreateIndex
CREATE UNIQUE INDEX "join_token_tenant_id_token_hash_key" ON "join_token"("tenant_id", "token_hash");

-- CreateIndex
CREATE UNIQUE INDEX "snapshot_tenant_id_site_id_version_key" ON "snapshot"("tenant_id", "site_id", "version");

-- AddForeignKey
ALTER TABLE "signing_key" ADD CONSTRAINT "signing_key_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenant"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "admin_audit" ADD CONSTRAINT "admin_audit_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenant"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "console_session" ADD CONSTRAINT "console_session_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "user"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "membership" ADD CONSTRAINT "membership_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenant"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "membership" ADD CONSTRAINT "membership_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "user"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "profile_version" ADD CONSTRAINT "profile_version_tenant_id_profile_id_fkey" FOREIGN KEY ("tenant_id", "profile_id") REFERENCES "profile"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "profile_site" ADD CONSTRAINT "profile_site_tenant_id_profile_id_fkey" FOREIGN KEY ("tenant_id", "profile_id") REFERENCES "profile"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "profile_site" ADD CONSTRAINT "profile_site_tenant_id_site_id_fkey" FOREIGN KEY ("tenant_id", "site_id") REFERENCES "site"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "profile_access" ADD CONSTRAINT "profile_access_tenant_id_profile_id_fkey" FOREIGN KEY ("tenant_id", "profile_id") REFERENCES "profile"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "profile_access" ADD CONSTRAINT "profile_access_tenant_id_membership_id_fkey" FOREIGN KEY ("tenant_id", "membership_id") REFERENCES "membership"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "client_key" ADD CONSTRAINT "client_key_tenant_id_membership_id_fkey" FOREIGN KEY ("tenant_id", "membership_id") REFERENCES "membership"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "client_key" ADD CONSTRAINT "client_key_tenant_id_profile_id_fkey" FOREIGN KEY ("tenant_id", "profile_id") REFERENCES "profile"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "agent_stream" ADD CONSTRAINT "agent_stream_tenant_id_agent_id_fkey" FOREIGN KEY ("tenant_id", "agent_id") REFERENCES "agent"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "server_site" ADD CONSTRAINT "server_site_tenant_id_server_id_fkey" FOREIGN KEY ("tenant_id", "server_id") REFERENCES "server"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "server_site" ADD CONSTRAINT "server_site_tenant_id_site_id_fkey" FOREIGN KEY ("tenant_id", "site_id") REFERENCES "site"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "discovery" ADD CONSTRAINT "discovery_tenant_id_server_id_fkey" FOREIGN KEY ("tenant_id", "server_id") REFERENCES "server"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "discovery" ADD CONSTRAINT "discovery_tenant_id_site_id_fkey" FOREIGN KEY ("tenant_id", "site_id") REFERENCES "site"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "server_revision" ADD CONSTRAINT "server_revision_tenant_id_server_id_fkey" FOREIGN KEY ("tenant_id", "server_id") REFERENCES "server"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "revision_tool" ADD CONSTRAINT "revision_tool_tenant_id_revision_id_fkey" FOREIGN KEY ("tenant_id", "revision_id") REFERENCES "server_revision"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "review" ADD CONSTRAINT "review_tenant_id_server_id_fkey" FOREIGN KEY ("tenant_id", "server_id") REFERENCES "server"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "review" ADD CONSTRAINT "review_tenant_id_revision_id_fkey" FOREIGN KEY ("tenant_id", "revision_id") REFERENCES "server_revision"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "tool_decision" ADD CONSTRAINT "tool_decision_tenant_id_review_id_fkey" FOREIGN KEY ("tenant_id", "review_id") REFERENCES "review"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "site" ADD CONSTRAINT "site_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenant"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "agent" ADD CONSTRAINT "agent_tenant_id_site_id_fkey" FOREIGN KEY ("tenant_id", "site_id") REFERENCES "site"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "join_token" ADD CONSTRAINT "join_token_tenant_id_site_id_fkey" FOREIGN KEY ("tenant_id", "site_id") REFERENCES "site"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "snapshot" ADD CONSTRAINT "snapshot_tenant_id_site_id_fkey" FOREIGN KEY ("tenant_id", "site_id") REFERENCES "site"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- ---------------------------------------------------------------------------------------------------------------------------------------
-- Written by hand from here on: what Prisma's data model cannot say. packages/db/test/catalogue.int.test.ts guards it.

-- E-mail addresses are compared as stored.
ALTER TABLE "user" ADD CONSTRAINT "user_email_lower_check" CHECK ("email" = lower("email"));

-- Receipts are partitioned by time. Monthly partitions come from packages/db/src/receipt-partitions.ts; this one takes what fits none.
CREATE TABLE "receipt_default" PARTITION OF "receipt" DEFAULT;

-- What a transaction has shown: a tenant, or before that a user id or a key to look up. Set transaction-locally by packages/db/src/tenant.ts.
CREATE SCHEMA "app";

-- Raises when no tenant is set (42704) and when the setting is empty, as it is on a reused connection (22P02): never an empty list.
CREATE FUNCTION "app"."tenant"() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT current_setting('app.tenant_id')::uuid $$;
CREATE FUNCTION "app"."has_tenant"() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT nullif(current_setting('app.tenant_id', true), '') IS NOT NULL $$;
CREATE FUNCTION "app"."user_id"() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT nullif(current_setting('app.user_id', true), '')::uuid $$;
CREATE FUNCTION "app"."lookup"() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT nullif(current_setting('app.lookup', true), '') $$;

-- For tables that are also read before a tenant is known: null, so that nothing matches, when something else was presented. Raises otherwise.
CREATE FUNCTION "app"."tenant_unless_presented"() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT CASE WHEN app.has_tenant() OR (app.user_id() IS NULL AND app.lookup() IS NULL) THEN app.tenant() END $$;

-- Row level security, also for the owner: one policy for every command.
DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY[
    'signing_key', 'admin_audit', 'profile', 'profile_version', 'profile_site', 'profile_access', 'client_key', 'agent_stream',
    'receipt', 'receipt_default', 'server', 'server_site', 'discovery', 'server_revision', 'revision_tool', 'review', 'tool_decision',
    'site', 'snapshot'
  ] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY tenant_isolation ON %I FOR ALL USING (tenant_id = app.tenant()) WITH CHECK (tenant_id = app.tenant())', name);
  END LOOP;

  -- The same for tables that are also read before a tenant is known; their SELECT policies follow.
  FOREACH name IN ARRAY ARRAY['membership', 'join_token', 'agent'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY tenant_insert ON %I FOR INSERT WITH CHECK (tenant_id = app.tenant())', name);
    EXECUTE format('CREATE POLICY tenant_update ON %I FOR UPDATE USING (tenant_id = app.tenant()) WITH CHECK (tenant_id = app.tenant())', name);
    EXECUTE format('CREATE POLICY tenant_delete ON %I FOR DELETE USING (tenant_id = app.tenant())', name);
  END LOOP;
END
$$;

CREATE POLICY "tenant_or_own" ON "membership" FOR SELECT USING (
  tenant_id = app.tenant_unless_presented() OR (NOT app.has_tenant() AND user_id = app.user_id()));
CREATE POLICY "tenant_or_presented" ON "join_token" FOR SELECT USING (
  tenant_id = app.tenant_unless_presented() OR (NOT app.has_tenant() AND token_hash = app.lookup()));
CREATE POLICY "tenant_or_presented" ON "agent" FOR SELECT USING (
  tenant_id = app.tenant_unless_presented() OR (NOT app.has_tenant() AND id::text = app.lookup()));

-- Global tables. The list of tenants is readable (system jobs walk over it); a tenant is made and changed only inside itself.
ALTER TABLE "tenant" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "tenant" FORCE ROW LEVEL SECURITY;
CREATE POLICY "listed" ON "tenant" FOR SELECT USING (true);
CREATE POLICY "own_insert" ON "tenant" FOR INSERT WITH CHECK (id = app.tenant());
CREATE POLICY "own_update" ON "tenant" FOR UPDATE USING (id = app.tenant()) WITH CHECK (id = app.tenant());

-- A person is seen by presenting the e-mail address or the own id, and by the tenants that person belongs to; changed only as oneself.
ALTER TABLE "user" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "user" FORCE ROW LEVEL SECURITY;
CREATE POLICY "presented_or_member" ON "user" FOR SELECT USING (
  id = app.user_id() OR email = app.lookup() OR EXISTS (
    SELECT FROM membership WHERE membership.tenant_id = app.tenant_unless_presented() AND membership.user_id = "user".id));
CREATE POLICY "presented_insert" ON "user" FOR INSERT WITH CHECK (id = app.user_id() OR email = app.lookup());
CREATE POLICY "own_update" ON "user" FOR UPDATE USING (id = app.user_id()) WITH CHECK (id = app.user_id());

ALTER TABLE "console_session" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "console_session" FORCE ROW LEVEL SECURITY;
CREATE POLICY "own_or_presented" ON "console_session" FOR SELECT USING (
  CASE WHEN user_id = app.user_id() OR id::text = app.lookup() THEN true
       WHEN app.user_id() IS NOT NULL OR app.lookup() IS NOT NULL THEN false
       ELSE app.tenant() IS NULL END);
CREATE POLICY "own_insert" ON "console_session" FOR INSERT WITH CHECK (user_id = app.user_id());
CREATE POLICY "own_update" ON "console_session" FOR UPDATE USING (user_id = app.user_id()) WITH CHECK (user_id = app.user_id());

-- The application's role. Its password is set by packages/db/src/migrate.ts. Roles belong to the whole server, so it may exist.
DO $$
BEGIN
  CREATE ROLE gatehouse_app LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS NOINHERIT;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
  NULL;
END
$$;
REVOKE CREATE ON SCHEMA "public" FROM PUBLIC;
GRANT USAGE ON SCHEMA "public", "app" TO gatehouse_app;

GRANT SELECT, INSERT, UPDATE, DELETE ON "membership", "profile", "profile_site", "profile_access", "client_key", "agent_stream", "server",
  "server_site", "discovery", "review", "tool_decision", "site", "agent", "join_token", "rate_limit" TO gatehouse_app;
-- No row of these is ever taken away by the application.
GRANT SELECT, INSERT, UPDATE ON "tenant", "user", "console_session", "signing_key" TO gatehouse_app;
-- Evidence and immutable documents: written once.
GRANT SELECT, INSERT ON "receipt", "admin_audit", "snapshot", "profile_version", "server_revision", "revision_tool" TO gatehouse_app;
