-- CreateEnum
CREATE TYPE "item_kind" AS ENUM ('prompt', 'resource', 'template');

-- AlterTable
ALTER TABLE "receipt" ADD COLUMN     "method" TEXT NOT NULL DEFAULT 'tools/call';

-- AlterTable
ALTER TABLE "server_revision" ADD COLUMN     "features" JSONB NOT NULL DEFAULT '{}';

-- CreateTable
CREATE TABLE "revision_item" (
    "tenant_id" UUID NOT NULL,
    "revision_id" UUID NOT NULL,
    "kind" "item_kind" NOT NULL,
    "pin" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "definition" JSON NOT NULL,

    CONSTRAINT "revision_item_pkey" PRIMARY KEY ("tenant_id","revision_id","kind","pin")
);

-- CreateTable
CREATE TABLE "item_decision" (
    "tenant_id" UUID NOT NULL,
    "review_id" UUID NOT NULL,
    "server_id" UUID NOT NULL,
    "kind" "item_kind" NOT NULL,
    "pin" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "verdict" "tool_verdict" NOT NULL DEFAULT 'pending',
    "note" TEXT,
    "decided_by" UUID,
    "decided_at" TIMESTAMPTZ(3),

    CONSTRAINT "item_decision_pkey" PRIMARY KEY ("tenant_id","review_id","kind","pin")
);

-- CreateIndex
CREATE INDEX "item_decision_tenant_id_server_id_verdict_idx" ON "item_decision"("tenant_id", "server_id", "verdict");

-- AddForeignKey
ALTER TABLE "revision_item" ADD CONSTRAINT "revision_item_tenant_id_revision_id_fkey" FOREIGN KEY ("tenant_id", "revision_id") REFERENCES "server_revision"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "item_decision" ADD CONSTRAINT "item_decision_tenant_id_review_id_fkey" FOREIGN KEY ("tenant_id", "review_id") REFERENCES "review"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- ---------------------------------------------------------------------------------------------------------------------------------------
-- Written by hand from here on. packages/db/test/catalogue.int.test.ts guards it.

DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['revision_item', 'item_decision'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY tenant_isolation ON %I FOR ALL USING (tenant_id = app.tenant()) WITH CHECK (tenant_id = app.tenant())', name);
  END LOOP;
END
$$;

GRANT SELECT, INSERT, UPDATE, DELETE ON "item_decision" TO gatehouse_app;
-- Written once.
GRANT SELECT, INSERT ON "revision_item" TO gatehouse_app;
