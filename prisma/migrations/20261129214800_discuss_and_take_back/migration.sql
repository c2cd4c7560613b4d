-- People discuss a review, and whoever decided it takes that back as long as nothing was decided since
-- (docs/decisions/0056-what-a-review-asks.md). A column without a default takes no rewrite.

-- AlterTable
ALTER TABLE "review" ADD COLUMN     "before_decision" JSONB;

-- CreateTable
CREATE TABLE "review_comment" (
    "tenant_id" UUID NOT NULL,
    "id" UUID NOT NULL,
    "review_id" UUID NOT NULL,
    "text" TEXT NOT NULL,
    "created_by" UUID NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "review_comment_pkey" PRIMARY KEY ("tenant_id","id")
);

-- CreateIndex
CREATE INDEX "review_comment_tenant_id_review_id_created_at_idx" ON "review_comment"("tenant_id", "review_id", "created_at");

-- AddForeignKey
ALTER TABLE "review_comment" ADD CONSTRAINT "review_comment_tenant_id_review_id_fkey" FOREIGN KEY ("tenant_id", "review_id") REFERENCES "review"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- ---------------------------------------------------------------------------------------------------------------------------------------
-- Written by hand from here on. packages/db/test/grants.int.test.ts guards the rights.

ALTER TABLE "review_comment" ENABLE ROW LEVEL SECURITY;
ALTER TABLE "review_comment" FORCE ROW LEVEL SECURITY;
CREATE POLICY "tenant_isolation" ON "review_comment" FOR ALL USING (tenant_id = app.tenant()) WITH CHECK (tenant_id = app.tenant());

-- what somebody has said stays as it was said
GRANT SELECT, INSERT ON "review_comment" TO gatehouse_console;

GRANT UPDATE ("before_decision") ON "review" TO gatehouse_console;
ALTER POLICY "hub_opens" ON "review" WITH CHECK (state = 'open' AND decided_at IS NULL AND valid_until IS NULL AND audit_id IS NULL
  AND proposal IS NULL AND proposed_by IS NULL AND proposed_at IS NULL AND break_glass_reason IS NULL AND confirmed_by IS NULL AND confirmed_at IS NULL AND confirm_audit_id IS NULL
  AND before_decision IS NULL);
