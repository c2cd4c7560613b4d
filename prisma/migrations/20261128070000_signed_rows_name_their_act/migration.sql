-- What is signed names the act in the log that made it, and the signer serves only what a person's act stands behind
-- (packages/services/src/snapshot/acts.ts). Only the console's role can write acts of persons.

-- AlterTable
ALTER TABLE "client_key" ADD COLUMN     "audit_id" UUID;

-- AlterTable
ALTER TABLE "entry_decision" ADD COLUMN     "audit_id" UUID;

-- AlterTable
ALTER TABLE "profile_access" ADD COLUMN     "audit_id" UUID;

-- AlterTable
ALTER TABLE "profile_version" ADD COLUMN     "audit_id" UUID;

-- AlterTable
ALTER TABLE "review" ADD COLUMN     "audit_id" UUID;

-- AlterTable
ALTER TABLE "server" ADD COLUMN     "audit_id" UUID;

-- AddForeignKey
ALTER TABLE "profile_version" ADD CONSTRAINT "profile_version_tenant_id_audit_id_fkey" FOREIGN KEY ("tenant_id", "audit_id") REFERENCES "admin_audit"("tenant_id", "id") ON DELETE NO ACTION ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "profile_access" ADD CONSTRAINT "profile_access_tenant_id_audit_id_fkey" FOREIGN KEY ("tenant_id", "audit_id") REFERENCES "admin_audit"("tenant_id", "id") ON DELETE NO ACTION ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "client_key" ADD CONSTRAINT "client_key_tenant_id_audit_id_fkey" FOREIGN KEY ("tenant_id", "audit_id") REFERENCES "admin_audit"("tenant_id", "id") ON DELETE NO ACTION ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "server" ADD CONSTRAINT "server_tenant_id_audit_id_fkey" FOREIGN KEY ("tenant_id", "audit_id") REFERENCES "admin_audit"("tenant_id", "id") ON DELETE NO ACTION ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "review" ADD CONSTRAINT "review_tenant_id_audit_id_fkey" FOREIGN KEY ("tenant_id", "audit_id") REFERENCES "admin_audit"("tenant_id", "id") ON DELETE NO ACTION ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "entry_decision" ADD CONSTRAINT "entry_decision_tenant_id_audit_id_fkey" FOREIGN KEY ("tenant_id", "audit_id") REFERENCES "admin_audit"("tenant_id", "id") ON DELETE NO ACTION ON UPDATE NO ACTION;

-- ---------------------------------------------------------------------------------------------------------------------------------------
-- Written by hand from here on. packages/db/test/grants.int.test.ts guards the rights, packages/services/test/migration.int.test.ts the data.

-- Every verb has written its act in the transaction of its row from the first version on, so each row finds its own. One that finds none was
-- not made by a verb: it names none and is not served any more.
UPDATE "client_key" SET "audit_id" = (SELECT a."id" FROM "admin_audit" a WHERE a."tenant_id" = "client_key"."tenant_id"
  AND a."actor_kind" = 'person' AND a."action" = 'client_key.create' AND a."entity_id" = "client_key"."id"::text LIMIT 1);
UPDATE "profile_access" SET "audit_id" = (SELECT a."id" FROM "admin_audit" a WHERE a."tenant_id" = "profile_access"."tenant_id"
  AND a."actor_kind" = 'person' AND a."action" = 'profile.grant_access' AND a."entity_id" = "profile_access"."profile_id"::text
  AND a."after" ->> 'membershipId' = "profile_access"."membership_id"::text ORDER BY a."at" DESC LIMIT 1);
UPDATE "profile_version" SET "audit_id" = (SELECT a."id" FROM "admin_audit" a WHERE a."tenant_id" = "profile_version"."tenant_id"
  AND a."actor_kind" = 'person' AND a."action" = 'profile.publish' AND a."entity_id" = "profile_version"."profile_id"::text
  AND a."after" ->> 'version' = "profile_version"."number"::text AND a."after" ->> 'contentHash' = "profile_version"."content_hash" LIMIT 1);
UPDATE "server" SET "audit_id" = (SELECT a."id" FROM "admin_audit" a WHERE a."tenant_id" = "server"."tenant_id"
  AND a."actor_kind" = 'person' AND a."action" = 'server.create' AND a."entity_id" = "server"."id"::text LIMIT 1);
UPDATE "review" SET "audit_id" = (SELECT a."id" FROM "admin_audit" a WHERE a."tenant_id" = "review"."tenant_id"
  AND a."actor_kind" = 'person' AND a."action" = 'review.decide' AND a."entity_id" = "review"."id"::text ORDER BY a."at" DESC LIMIT 1)
  WHERE "decided_at" IS NOT NULL;
UPDATE "entry_decision" SET "audit_id" = "review"."audit_id" FROM "review"
  WHERE "review"."tenant_id" = "entry_decision"."tenant_id" AND "review"."id" = "entry_decision"."review_id" AND "review"."decided_at" IS NOT NULL;

GRANT UPDATE ("audit_id") ON "review" TO gatehouse_console;
-- The signer looks acts up.
GRANT SELECT ON "admin_audit" TO gatehouse_worker;
-- What the hub opens names no act: it stands for nothing until a person decides.
ALTER POLICY "hub_opens" ON "review" WITH CHECK (state = 'open' AND decided_at IS NULL AND valid_until IS NULL AND audit_id IS NULL);
ALTER POLICY "hub_opens" ON "entry_decision" WITH CHECK (audit_id IS NULL AND EXISTS (
  SELECT FROM review WHERE review.tenant_id = entry_decision.tenant_id AND review.id = entry_decision.review_id AND review.state = 'open'));
