-- Passkeys, and codes of an authenticator app beside the password. docs/decisions/0057-second-ways-in.md says why it is like this.

-- CreateTable
CREATE TABLE "passkey" (
    "id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "credential_id" TEXT NOT NULL,
    "public_key" BYTEA NOT NULL,
    "counter" BIGINT NOT NULL,
    "transports" TEXT[],
    "name" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_used_at" TIMESTAMPTZ(3),

    CONSTRAINT "passkey_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "authenticator" (
    "user_id" UUID NOT NULL,
    "secret_sealed" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "confirmed_at" TIMESTAMPTZ(3),
    "last_step" BIGINT,

    CONSTRAINT "authenticator_pkey" PRIMARY KEY ("user_id")
);

-- CreateTable
CREATE TABLE "recovery_code" (
    "user_id" UUID NOT NULL,
    "code_hash" TEXT NOT NULL,
    "used_at" TIMESTAMPTZ(3),

    CONSTRAINT "recovery_code_pkey" PRIMARY KEY ("user_id","code_hash")
);

-- CreateTable
CREATE TABLE "passkey_challenge" (
    "holder_hash" TEXT NOT NULL,
    "challenge" TEXT NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "passkey_challenge_pkey" PRIMARY KEY ("holder_hash")
);

-- CreateIndex
CREATE UNIQUE INDEX "passkey_credential_id_key" ON "passkey"("credential_id");

-- CreateIndex
CREATE INDEX "passkey_user_id_idx" ON "passkey"("user_id");

-- AddForeignKey
ALTER TABLE "passkey" ADD CONSTRAINT "passkey_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "user"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "authenticator" ADD CONSTRAINT "authenticator_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "user"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "recovery_code" ADD CONSTRAINT "recovery_code_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "user"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- ---------------------------------------------------------------------------------------------------------------------------------------
-- Written by hand from here on. packages/db/test guards it.

-- What opens an account is seen by its person alone, a passkey also by presenting its own id: whoever signs in by one has said no more yet.
ALTER TABLE "passkey" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "passkey" FORCE ROW LEVEL SECURITY;
CREATE POLICY "own_or_presented" ON "passkey" FOR SELECT USING (
  CASE WHEN user_id = app.user_id() OR credential_id = app.lookup() THEN true
       WHEN app.user_id() IS NOT NULL OR app.lookup() IS NOT NULL THEN false
       ELSE app.tenant() IS NULL END);
CREATE POLICY "own_insert" ON "passkey" FOR INSERT WITH CHECK (user_id = app.user_id());
CREATE POLICY "own_update" ON "passkey" FOR UPDATE USING (user_id = app.user_id()) WITH CHECK (user_id = app.user_id());
CREATE POLICY "own_delete" ON "passkey" FOR DELETE USING (user_id = app.user_id());

DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['authenticator', 'recovery_code'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY own_select ON %I FOR SELECT USING (
      CASE WHEN app.user_id() IS NOT NULL THEN user_id = app.user_id() ELSE app.tenant() IS NULL END)', name);
    EXECUTE format('CREATE POLICY own_insert ON %I FOR INSERT WITH CHECK (user_id = app.user_id())', name);
    EXECUTE format('CREATE POLICY own_update ON %I FOR UPDATE USING (user_id = app.user_id()) WITH CHECK (user_id = app.user_id())', name);
    EXECUTE format('CREATE POLICY own_delete ON %I FOR DELETE USING (user_id = app.user_id())', name);
  END LOOP;
END
$$;

-- A challenge is seen by who shows what it belongs to; the worker removes those whose time is over and sees no other.
ALTER TABLE "passkey_challenge" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "passkey_challenge" FORCE ROW LEVEL SECURITY;
CREATE POLICY "presented_select" ON "passkey_challenge" FOR SELECT USING (holder_hash = app.lookup());
CREATE POLICY "presented_insert" ON "passkey_challenge" FOR INSERT WITH CHECK (holder_hash = app.lookup());
CREATE POLICY "presented_delete" ON "passkey_challenge" FOR DELETE USING (holder_hash = app.lookup());
CREATE POLICY "lapsed_select" ON "passkey_challenge" FOR SELECT TO gatehouse_worker USING (expires_at < now());
CREATE POLICY "lapsed_delete" ON "passkey_challenge" FOR DELETE TO gatehouse_worker USING (expires_at < now());

GRANT SELECT, INSERT, DELETE ON "passkey", "authenticator", "recovery_code", "passkey_challenge" TO gatehouse_console;
GRANT UPDATE ("counter", "name", "last_used_at") ON "passkey" TO gatehouse_console;
GRANT UPDATE ("secret_sealed", "created_at", "confirmed_at", "last_step") ON "authenticator" TO gatehouse_console;
GRANT UPDATE ("used_at") ON "recovery_code" TO gatehouse_console;
GRANT SELECT, DELETE ON "passkey_challenge" TO gatehouse_worker;
