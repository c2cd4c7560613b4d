-- One role per process instead of one for all three: what a process does not need, whoever has its password cannot do either.
-- packages/db/test/grants.int.test.ts lists what each may do; docs/decisions/0009-role-per-process.md says why.

-- Roles belong to the whole server, so they may exist. Passwords are set by packages/db/src/migrate.ts.
DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['gatehouse_console', 'gatehouse_hub', 'gatehouse_worker'] LOOP
    BEGIN
      EXECUTE format('CREATE ROLE %I LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS NOINHERIT', name);
    EXCEPTION WHEN duplicate_object OR unique_violation THEN
      NULL;
    END;
  END LOOP;
END
$$;

-- The role of before keeps nothing in this database. Other databases of the server may still use it, so it stays.
REVOKE ALL ON ALL TABLES IN SCHEMA "public" FROM gatehouse_app;
REVOKE ALL ON SCHEMA "public", "app" FROM gatehouse_app;
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_namespace WHERE nspname = 'bullmq') THEN
    REVOKE ALL ON ALL TABLES IN SCHEMA "bullmq" FROM gatehouse_app;
    REVOKE ALL ON ALL SEQUENCES IN SCHEMA "bullmq" FROM gatehouse_app;
    REVOKE ALL ON SCHEMA "bullmq" FROM gatehouse_app;
  END IF;
END
$$;

GRANT USAGE ON SCHEMA "public", "app" TO gatehouse_console, gatehouse_hub, gatehouse_worker;

-- Console: what people do. Receipts, agents and signing keys come from elsewhere; versions, revisions and the log are written once.
GRANT SELECT ON "tenant", "signing_key", "admin_audit", "rate_limit", "user", "console_session", "membership", "site", "agent", "join_token",
  "snapshot", "server", "server_site", "discovery", "server_revision", "revision_entry", "review", "entry_decision", "profile",
  "profile_version", "profile_site", "profile_access", "client_key", "receipt" TO gatehouse_console;
GRANT INSERT ON "admin_audit", "rate_limit", "user", "console_session", "membership", "site", "join_token", "snapshot", "server",
  "server_site", "discovery", "server_revision", "revision_entry", "review", "entry_decision", "profile", "profile_version", "profile_site",
  "profile_access", "client_key" TO gatehouse_console;
GRANT DELETE ON "rate_limit", "membership", "entry_decision", "profile_access" TO gatehouse_console;
GRANT UPDATE ("points", "expire") ON "rate_limit" TO gatehouse_console;
GRANT UPDATE ("last_seen_at", "revoked_at") ON "console_session" TO gatehouse_console;
GRANT UPDATE ("role") ON "membership" TO gatehouse_console;
GRANT UPDATE ("snapshot_version") ON "site" TO gatehouse_console;
GRANT UPDATE ("revoked_at") ON "agent", "join_token", "client_key" TO gatehouse_console;
GRANT UPDATE ("disabled_at") ON "server" TO gatehouse_console;
GRANT UPDATE ("state", "decided_at", "valid_until") ON "review" TO gatehouse_console;
GRANT UPDATE ("draft", "draft_updated_at", "published_version", "disabled_at") ON "profile" TO gatehouse_console;

-- Hub: agents, what they send, and what they found at a server. It opens reviews and decides none.
GRANT SELECT ON "tenant", "rate_limit", "site", "agent", "join_token", "agent_stream", "snapshot", "server", "server_site", "discovery",
  "server_revision", "review", "entry_decision" TO gatehouse_hub;
GRANT SELECT ("tenant_id", "id", "public_key", "created_at", "retired_at") ON "signing_key" TO gatehouse_hub;
GRANT INSERT ON "admin_audit", "rate_limit", "agent", "agent_stream", "receipt", "server_revision", "revision_entry", "review", "entry_decision"
  TO gatehouse_hub;
GRANT UPDATE ("points", "expire") ON "rate_limit" TO gatehouse_hub;
GRANT UPDATE ("presented_at", "used_at", "used_by_agent_id", "failure_code", "failure_at") ON "join_token" TO gatehouse_hub;
GRANT UPDATE ("last_seq", "head_hash", "updated_at") ON "agent_stream" TO gatehouse_hub;
GRANT UPDATE ("status", "stages", "error_code", "error_text", "finished_at", "revision_id") ON "discovery" TO gatehouse_hub;
GRANT UPDATE ("hostname", "platform", "agent_version", "quarantined_at", "connection_epoch", "connected_at", "disconnected_at", "last_seen_at",
  "endpoint_url", "acked_version", "acked_hash", "acked_at", "rejected_version", "rejected_code", "rejected_reason", "rejected_at",
  "buffered_receipts", "clock_skew_ms", "open_sessions", "stdio_entries", "server_health") ON "agent" TO gatehouse_hub;
GRANT UPDATE ("state") ON "review" TO gatehouse_hub;
-- A row lock asks for the right to update; the policy below lets no update through.
GRANT UPDATE ("disabled_at") ON "server" TO gatehouse_hub;

-- Worker: signs what people decided, and lets lapse what has an end.
GRANT SELECT ON "tenant", "signing_key", "rate_limit", "membership", "site", "join_token", "snapshot", "server", "server_site", "discovery",
  "server_revision", "revision_entry", "review", "entry_decision", "profile", "profile_version", "profile_site", "profile_access",
  "client_key" TO gatehouse_worker;
GRANT SELECT ("id", "disabled_at") ON "user" TO gatehouse_worker;
GRANT INSERT ON "admin_audit", "snapshot" TO gatehouse_worker;
GRANT DELETE ON "rate_limit", "join_token" TO gatehouse_worker;
GRANT UPDATE ("snapshot_version") ON "site" TO gatehouse_worker;
GRANT UPDATE ("state") ON "review" TO gatehouse_worker;
GRANT UPDATE ("status", "error_code", "error_text", "finished_at") ON "discovery" TO gatehouse_worker;

-- Who did it: no process can write an act of an actor that another one speaks for. The operator's acts are the owner's alone.
CREATE POLICY "console_acts" ON "admin_audit" AS RESTRICTIVE FOR INSERT TO gatehouse_console WITH CHECK (actor_kind = 'person');
CREATE POLICY "hub_acts" ON "admin_audit" AS RESTRICTIVE FOR INSERT TO gatehouse_hub
  WITH CHECK (actor_kind = 'agent' OR (actor_kind = 'system' AND actor_id = 'key-guard'));
CREATE POLICY "worker_acts" ON "admin_audit" AS RESTRICTIVE FOR INSERT TO gatehouse_worker
  WITH CHECK (actor_kind = 'system' AND actor_id NOT IN ('operator', 'key-guard'));

-- Reviews: the hub opens them and puts a newer one in an open one's place, the worker closes those that lapsed. Only people decide.
CREATE POLICY "hub_opens" ON "review" AS RESTRICTIVE FOR INSERT TO gatehouse_hub
  WITH CHECK (state = 'open' AND decided_at IS NULL AND valid_until IS NULL);
CREATE POLICY "hub_supersedes" ON "review" AS RESTRICTIVE FOR UPDATE TO gatehouse_hub USING (state = 'open') WITH CHECK (state = 'superseded');
CREATE POLICY "worker_expires" ON "review" AS RESTRICTIVE FOR UPDATE TO gatehouse_worker
  USING (state = 'decided') WITH CHECK (state = 'expired');
CREATE POLICY "hub_opens" ON "entry_decision" AS RESTRICTIVE FOR INSERT TO gatehouse_hub WITH CHECK (EXISTS (
  SELECT FROM review WHERE review.tenant_id = entry_decision.tenant_id AND review.id = entry_decision.review_id AND review.state = 'open'));
CREATE POLICY "hub_locks" ON "server" AS RESTRICTIVE FOR UPDATE TO gatehouse_hub USING (true) WITH CHECK (false);

-- Receipt partitions are the worker's, in a schema of their own: it makes them without any right to what lies elsewhere. The table that
-- everybody writes to and reads stays the owner's, with its row security and its grants.
CREATE SCHEMA "receipts";
GRANT USAGE, CREATE ON SCHEMA "receipts" TO gatehouse_worker;
CREATE TABLE "receipts"."months" (LIKE "receipt" INCLUDING ALL) PARTITION BY RANGE ("received_at");
DO $$
DECLARE
  part record;
BEGIN
  FOR part IN
    SELECT c.relname, pg_get_expr(c.relpartbound, c.oid) AS bound
    FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = 'receipt'::regclass
  LOOP
    EXECUTE format('ALTER TABLE receipt DETACH PARTITION %I', part.relname);
    EXECUTE format('ALTER TABLE %I SET SCHEMA receipts', part.relname);
    EXECUTE format('ALTER TABLE receipts.months ATTACH PARTITION receipts.%I %s', part.relname, part.bound);
  END LOOP;
END
$$;
ALTER TABLE "receipt" ATTACH PARTITION "receipts"."months" FOR VALUES FROM (MINVALUE) TO (MAXVALUE);
ALTER TABLE "receipts"."months" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "receipts"."months" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant_isolation" ON "receipts"."months" FOR ALL USING (tenant_id = app.tenant()) WITH CHECK (tenant_id = app.tenant());

-- An owner that is no superuser must be a member of a role to give something to it, and to change later what it then owns.
GRANT gatehouse_worker TO CURRENT_USER;
DO $$
DECLARE
  part record;
BEGIN
  FOR part IN SELECT relname FROM pg_class WHERE relnamespace = 'receipts'::regnamespace AND relkind IN ('r', 'p') LOOP
    EXECUTE format('ALTER TABLE receipts.%I OWNER TO gatehouse_worker', part.relname);
  END LOOP;
END
$$;
