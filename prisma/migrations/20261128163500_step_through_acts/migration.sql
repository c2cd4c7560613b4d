-- Who authored something is read by stepping from one (action, person) to the next, so that the log may be as long as it likes.
DROP INDEX "admin_audit_person_entity_idx";
CREATE INDEX "admin_audit_person_entity_idx" ON "admin_audit"("tenant_id", "entity_id", "action", "actor_id") WHERE actor_kind = 'person';
