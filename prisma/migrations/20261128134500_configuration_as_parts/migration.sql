-- A configuration as parts that are stored once, and manifests that name them. What is stored as a whole stays: the next change of a site, or
-- the renewal of its lease, writes its first manifest.

-- AlterTable
ALTER TABLE "agent" ADD COLUMN     "features" TEXT[] DEFAULT ARRAY[]::TEXT[],
ADD COLUMN     "withheld" JSONB NOT NULL DEFAULT '[]';

-- CreateTable
CREATE TABLE "config_part" (
    "tenant_id" UUID NOT NULL,
    "hash" TEXT NOT NULL,
    "bytes" BYTEA NOT NULL,
    "used_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "config_part_pkey" PRIMARY KEY ("tenant_id","hash")
);

-- CreateTable
CREATE TABLE "manifest" (
    "tenant_id" UUID NOT NULL,
    "site_id" UUID NOT NULL,
    "version" BIGINT NOT NULL,
    "content_hash" TEXT NOT NULL,
    "payload" BYTEA NOT NULL,
    "signature" BYTEA NOT NULL,
    "key_id" UUID NOT NULL,
    "not_after" TIMESTAMPTZ(3) NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "reason" TEXT NOT NULL,

    CONSTRAINT "manifest_pkey" PRIMARY KEY ("tenant_id","site_id","version")
);

-- AddForeignKey
ALTER TABLE "config_part" ADD CONSTRAINT "config_part_tenant_id_fkey" FOREIGN KEY ("tenant_id") REFERENCES "tenant"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "manifest" ADD CONSTRAINT "manifest_tenant_id_site_id_fkey" FOREIGN KEY ("tenant_id", "site_id") REFERENCES "site"("tenant_id", "id") ON DELETE CASCADE ON UPDATE CASCADE;

-- ---------------------------------------------------------------------------------------------------------------------------------------
-- Written by hand from here on. packages/db/test/grants.int.test.ts guards the rights.

-- A part is what its name says, whoever writes it.
ALTER TABLE "config_part" ADD CONSTRAINT "config_part_hash_check" CHECK ("hash" = encode(sha256("bytes"), 'hex'));

-- The bucket of a person or a key (packages/policy/src/documents/manifest.ts). One bucket is read when one of them changes.
CREATE FUNCTION "app"."bucket"("id" uuid) RETURNS int LANGUAGE sql IMMUTABLE PARALLEL SAFE
  AS $$ SELECT get_byte(uuid_send(id), 15) & 63 $$;
CREATE INDEX "client_key_bucket_idx" ON "client_key" ("tenant_id", "app"."bucket"("id"));
CREATE INDEX "profile_access_bucket_idx" ON "profile_access" ("tenant_id", "app"."bucket"("membership_id"));
GRANT EXECUTE ON FUNCTION "app"."bucket"(uuid) TO gatehouse_console, gatehouse_worker;

DO $$
DECLARE
  name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['config_part', 'manifest'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY tenant_isolation ON %I FOR ALL USING (tenant_id = app.tenant()) WITH CHECK (tenant_id = app.tenant())', name);
  END LOOP;
END
$$;

-- Console and worker write configurations, the hub reads them, the worker removes old ones. Nobody changes what a part or a manifest says.
GRANT SELECT ON "config_part", "manifest" TO gatehouse_console, gatehouse_hub, gatehouse_worker;
GRANT INSERT ON "config_part", "manifest" TO gatehouse_console, gatehouse_worker;
GRANT UPDATE ("used_at") ON "config_part" TO gatehouse_console, gatehouse_worker;
GRANT DELETE ON "config_part", "manifest", "snapshot" TO gatehouse_worker;
-- Whether an agent of a site still needs a whole snapshot.
GRANT SELECT ("tenant_id", "id", "site_id", "revoked_at", "quarantined_at", "last_seen_at", "features") ON "agent" TO gatehouse_worker;
GRANT UPDATE ("features", "withheld") ON "agent" TO gatehouse_hub;
