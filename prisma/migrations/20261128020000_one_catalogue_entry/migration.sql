-- Tools, prompts, resources, templates and instructions become entries of one kind of table, and so do the decisions on them.

-- CreateEnum
CREATE TYPE "entry_kind" AS ENUM ('tool', 'prompt', 'resource', 'template', 'instructions');

-- RenameEnum
ALTER TYPE "tool_verdict" RENAME TO "verdict";

-- CreateTable
CREATE TABLE "revision_entry" (
    "tenant_id" UUID NOT NULL,
    "revision_id" UUID NOT NULL,
    "kind" "entry_kind" NOT NULL,
    "pin" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "definition" JSON NOT NULL,

    CONSTRAINT "revision_entry_pkey" PRIMARY KEY ("tenant_id","revision_id","kind","pin")
);

-- CreateTable
CREATE TABLE "entry_decision" (
    "tenant_id" UUID NOT NULL,
    "review_id" UUID NOT NULL,
    "server_id" UUID NOT NULL,
    "kind" "entry_kind" NOT NULL,
    "pin" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "verdict" "verdict" NOT NULL DEFAULT 'pending',
    "risk" "risk",
    "log_arguments" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "log_results" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "note" TEXT,
    "decided_by" UUID,
    "decided_at" TIMESTAMPTZ(3),

    CONSTRAINT "entry_decision_pkey" PRIMARY KEY ("tenant_id","review_id","kind","pin")
);

-- CreateIndex
CREATE INDEX "entry_decision_tenant_id_server_id_pin_idx" ON "entry_decision"("tenant_id", "server_id", "pin");

-- AddForeignKey
ALTER TABLE "revision_entry" ADD CONSTRAINT "revision_entry_tenant_id_revision_id_fkey" FOREIGN KEY ("tenant_id", "revision_id") REFERENCES "server_revision"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "entry_decision" ADD CONSTRAINT "entry_decision_tenant_id_review_id_fkey" FOREIGN KEY ("tenant_id", "review_id") REFERENCES "review"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- ---------------------------------------------------------------------------------------------------------------------------------------
-- Written by hand from here on. packages/db/test/catalogue.int.test.ts guards the rules, packages/services/test/migration.int.test.ts the data.

ALTER TABLE "entry_decision" ADD CONSTRAINT "entry_decision_risk_check" CHECK (("kind" = 'tool') = ("risk" IS NOT NULL));

INSERT INTO "revision_entry" ("tenant_id", "revision_id", "kind", "pin", "name", "definition")
  SELECT "tenant_id", "revision_id", 'tool', "pin", "name", "definition" FROM "revision_tool"
  UNION ALL
  SELECT "tenant_id", "revision_id", "kind"::text::"entry_kind", "pin", "name", "definition" FROM "revision_item";

INSERT INTO "entry_decision" ("tenant_id", "review_id", "server_id", "kind", "pin", "name", "verdict", "risk", "log_arguments", "log_results",
                              "note", "decided_by", "decided_at")
  SELECT "tenant_id", "review_id", "server_id", 'tool', "pin", "tool_name", "verdict", "risk", "log_arguments", "log_results",
         "note", "decided_by", "decided_at" FROM "tool_decision"
  UNION ALL
  SELECT "tenant_id", "review_id", "server_id", "kind"::text::"entry_kind", "pin", "name", "verdict", NULL, '{}', '{}',
         "note", "decided_by", "decided_at" FROM "item_decision";

-- Instructions were shown at review and never decided on. The text of to_json is the canonical form of a string.
INSERT INTO "revision_entry" ("tenant_id", "revision_id", "kind", "pin", "name", "definition")
  SELECT "tenant_id", "id", 'instructions', encode(sha256(convert_to('{"text":' || to_json("instructions")::text || '}', 'UTF8')), 'hex'),
         'instructions', json_build_object('text', "instructions")
  FROM "server_revision" WHERE "instructions" <> '';

INSERT INTO "entry_decision" ("tenant_id", "review_id", "server_id", "kind", "pin", "name")
  SELECT "review"."tenant_id", "review"."id", "review"."server_id", "entry"."kind", "entry"."pin", "entry"."name"
  FROM "review" JOIN "revision_entry" "entry" USING ("tenant_id", "revision_id") WHERE "entry"."kind" = 'instructions';

-- Drafts and published versions hold one list of entries; a version keeps the content hash that it was published under.
CREATE FUNCTION pg_temp.with_entries("document" jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
  SELECT ("document" - '{tools,prompts,resources,resourceTemplates}'::text[]) || jsonb_build_object('entries', coalesce((
    SELECT jsonb_agg((entry - word) || jsonb_build_object('kind', kind, 'name', entry -> word) ORDER BY place, position)
    FROM (VALUES (1, 'tools', 'tool', 'toolName'), (2, 'prompts', 'prompt', 'promptName'), (3, 'resources', 'resource', 'uri'),
                 (4, 'resourceTemplates', 'template', 'uriTemplate')) AS list (place, key, kind, word)
    CROSS JOIN LATERAL jsonb_array_elements(coalesce("document" -> key, '[]')) WITH ORDINALITY AS element (entry, position)
  ), '[]'))
$$;
UPDATE "profile" SET "draft" = pg_temp.with_entries("draft");
UPDATE "profile_version" SET "document" = pg_temp.with_entries("document");

DROP TABLE "revision_tool", "revision_item", "tool_decision", "item_decision";
DROP TYPE "item_kind";
ALTER TABLE "server_revision" DROP COLUMN "instructions";

DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['revision_entry', 'entry_decision'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY tenant_isolation ON %I FOR ALL USING (tenant_id = app.tenant()) WITH CHECK (tenant_id = app.tenant())', name);
  END LOOP;
END
$$;

GRANT SELECT, INSERT, UPDATE, DELETE ON "entry_decision" TO gatehouse_app;
-- Written once.
GRANT SELECT, INSERT ON "revision_entry" TO gatehouse_app;
