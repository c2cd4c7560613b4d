-- Alone in its file, so that the log is written meanwhile.
CREATE INDEX CONCURRENTLY "admin_audit_tenant_id_entity_id_at_idx" ON "admin_audit"("tenant_id", "entity_id", "at" DESC);
