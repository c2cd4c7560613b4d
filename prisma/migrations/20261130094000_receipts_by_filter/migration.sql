-- Written by hand. One index for each filter of the list of calls, in the order of the list and with the outcome at its end, so that a second filter by
-- outcome is answered by the index. An outcome alone has a partial index each: row security keeps the database from looking up an enum in an index (its
-- equality is not leakproof), and a row is in one of the four alone. The partitions have them too, and those made later.
-- An index of a partitioned table cannot be made CONCURRENTLY: receipts that come meanwhile wait at their agents.
CREATE INDEX "receipt_tenant_id_name_received_at_seq_id_outcome_idx" ON "receipt"("tenant_id", "name", "received_at" DESC, "seq" DESC, "id" DESC, "outcome");
CREATE INDEX "receipt_tenant_id_person_id_received_at_seq_id_outcome_idx" ON "receipt"("tenant_id", "person_id", "received_at" DESC, "seq" DESC, "id" DESC, "outcome");
CREATE INDEX "receipt_tenant_id_profile_id_received_at_seq_id_outcome_idx" ON "receipt"("tenant_id", "profile_id", "received_at" DESC, "seq" DESC, "id" DESC, "outcome");
CREATE INDEX "receipt_tenant_id_server_id_received_at_seq_id_outcome_idx" ON "receipt"("tenant_id", "server_id", "received_at" DESC, "seq" DESC, "id" DESC, "outcome");
CREATE INDEX "receipt_tenant_id_method_received_at_seq_id_outcome_idx" ON "receipt"("tenant_id", "method", "received_at" DESC, "seq" DESC, "id" DESC, "outcome");
CREATE INDEX "receipt_allowed_idx" ON "receipt"("tenant_id", "received_at" DESC) WHERE outcome = 'allowed';
CREATE INDEX "receipt_denied_idx" ON "receipt"("tenant_id", "received_at" DESC) WHERE outcome = 'denied';
CREATE INDEX "receipt_held_idx" ON "receipt"("tenant_id", "received_at" DESC) WHERE outcome = 'held';
CREATE INDEX "receipt_failed_idx" ON "receipt"("tenant_id", "received_at" DESC) WHERE outcome = 'failed';
DROP INDEX "receipt_tenant_id_name_received_at_idx";
DROP INDEX "receipt_tenant_id_person_id_received_at_idx";
DROP INDEX "receipt_tenant_id_outcome_received_at_idx";
