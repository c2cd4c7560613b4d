-- The newest discovery and review of a server, and the first version of a tenant, without reading all of them.

-- CreateIndex
CREATE INDEX "profile_version_tenant_id_published_at_idx" ON "profile_version"("tenant_id", "published_at");

-- CreateIndex
CREATE INDEX "discovery_tenant_id_server_id_created_at_idx" ON "discovery"("tenant_id", "server_id", "created_at" DESC);

-- CreateIndex
CREATE INDEX "review_tenant_id_server_id_created_at_idx" ON "review"("tenant_id", "server_id", "created_at" DESC);
