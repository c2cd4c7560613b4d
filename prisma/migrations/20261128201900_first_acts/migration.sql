-- Who signs asks who was an author when a decision was made: the first of somebody's acts of a kind is read from the index as well.
DROP INDEX "admin_audit_person_entity_idx";
CREATE INDEX "admin_audit_person_entity_idx" ON "admin_audit"("tenant_id", "entity_id", "action", "actor_id", "at") WHERE actor_kind = 'person';
