-- Mail: an outbox from which the worker sends links, each of which it makes itself. docs/decisions/0058-mail.md says why it is like this.

-- AlterTable
ALTER TABLE "account_token" ADD COLUMN     "by_mail" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "mailed_at" TIMESTAMPTZ(3);

-- AlterTable
ALTER TABLE "tenant" ADD COLUMN     "mail_due_at" TIMESTAMPTZ(3);

-- CreateTable
CREATE TABLE "mail" (
    "tenant_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "kind" "account_token_kind" NOT NULL,
    "email" TEXT NOT NULL,
    "account_token_id" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "due_at" TIMESTAMPTZ(3) NOT NULL,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "given_up_at" TIMESTAMPTZ(3),

    CONSTRAINT "mail_pkey" PRIMARY KEY ("tenant_id","id")
);

-- AddForeignKey
ALTER TABLE "mail" ADD CONSTRAINT "mail_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenant"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "mail" ADD CONSTRAINT "mail_tenant_id_account_token_id_fkey" FOREIGN KEY ("tenant_id", "account_token_id") REFERENCES "account_token"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- ---------------------------------------------------------------------------------------------------------------------------------------
-- Written by hand from here on. packages/db/test guards it.

-- Of mails that somebody asked for who has not signed in one waits for each address, however often that is done.
CREATE UNIQUE INDEX "mail_asked_key" ON "mail"("tenant_id", "email") WHERE "account_token_id" IS NULL;

ALTER TABLE "mail" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "mail" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant_isolation" ON "mail" FOR ALL USING (tenant_id = app.tenant()) WITH CHECK (tenant_id = app.tenant());

GRANT SELECT, INSERT, DELETE ON "mail" TO gatehouse_console;
GRANT UPDATE ("by_mail", "mailed_at") ON "account_token" TO gatehouse_console;
GRANT UPDATE ("mail_due_at") ON "tenant" TO gatehouse_console;

-- What the worker may change of a workspace is one that is not suspended, so it still lifts no suspension; it need not suspend it.
ALTER POLICY "worker_stops" ON "tenant" WITH CHECK (true);

-- The worker makes the secret of a link that goes by mail, and the link itself for who asked without having signed in; no other link, and none that
-- was in somebody's hand.
GRANT SELECT, DELETE ON "mail" TO gatehouse_worker;
GRANT UPDATE ("account_token_id", "due_at", "attempts", "given_up_at") ON "mail" TO gatehouse_worker;
GRANT UPDATE ("mail_due_at") ON "tenant" TO gatehouse_worker;
GRANT INSERT ON "account_token" TO gatehouse_worker;
GRANT UPDATE ("token_hash", "mailed_at", "withdrawn_at") ON "account_token" TO gatehouse_worker;
CREATE POLICY "worker_mails" ON "account_token" AS RESTRICTIVE FOR INSERT TO gatehouse_worker WITH CHECK (
  current_user <> 'gatehouse_worker' OR (kind = 'reset' AND by_mail AND created_by IS NULL AND used_at IS NULL));
CREATE POLICY "worker_mails_on" ON "account_token" AS RESTRICTIVE FOR UPDATE TO gatehouse_worker
  USING (current_user <> 'gatehouse_worker' OR (by_mail AND used_at IS NULL))
  WITH CHECK (current_user <> 'gatehouse_worker' OR (by_mail AND used_at IS NULL));
