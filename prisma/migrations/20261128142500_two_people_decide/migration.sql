-- What takes two people waits beside the decision that stands, until the second one confirms it. Decisions of before stand as they are.

-- AlterTable
ALTER TABLE "review" ADD COLUMN     "proposal" JSONB,
ADD COLUMN     "proposed_by" UUID,
ADD COLUMN     "proposed_at" TIMESTAMPTZ(3),
ADD COLUMN     "break_glass_reason" TEXT,
ADD COLUMN     "confirmed_by" UUID,
ADD COLUMN     "confirmed_at" TIMESTAMPTZ(3),
ADD COLUMN     "confirm_audit_id" UUID;

-- AddForeignKey
ALTER TABLE "review" ADD CONSTRAINT "review_tenant_id_confirm_audit_id_fkey" FOREIGN KEY ("tenant_id", "confirm_audit_id") REFERENCES "admin_audit"("tenant_id", "id") ON DELETE NO ACTION ON UPDATE NO ACTION;

-- Who is an author of a server or a profile is read off the log.
-- CreateIndex
CREATE INDEX "admin_audit_tenant_id_entity_id_idx" ON "admin_audit"("tenant_id", "entity_id");

GRANT UPDATE ("proposal", "proposed_by", "proposed_at", "break_glass_reason", "confirmed_by", "confirmed_at", "confirm_audit_id") ON "review" TO gatehouse_console;
-- What the hub opens is neither proposed nor confirmed by anybody.
ALTER POLICY "hub_opens" ON "review" WITH CHECK (state = 'open' AND decided_at IS NULL AND valid_until IS NULL AND audit_id IS NULL
  AND proposal IS NULL AND proposed_by IS NULL AND proposed_at IS NULL AND break_glass_reason IS NULL AND confirmed_by IS NULL AND confirmed_at IS NULL AND confirm_audit_id IS NULL);

-- A key is of the person who made it. Those that an admin made in another one's name end here, as the signer would leave them out.
UPDATE "client_key" SET "revoked_at" = now() FROM "admin_audit" a
WHERE a."tenant_id" = "client_key"."tenant_id" AND a."id" = "client_key"."audit_id" AND a."actor_id" <> "client_key"."membership_id"::text
  AND "client_key"."revoked_at" IS NULL;
