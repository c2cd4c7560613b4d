-- Acts of persons alone are looked up by their entity. A partial index: a planner without statistics took the whole one for the checks of foreign
-- keys, which read every act of a tenant then.
DROP INDEX "admin_audit_tenant_id_entity_id_idx";
CREATE INDEX "admin_audit_person_entity_idx" ON "admin_audit"("tenant_id", "entity_id") WHERE actor_kind = 'person';
