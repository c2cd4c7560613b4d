-- A receipt names an entry of any kind. The documents keep the form that they were hashed in.

-- RenameColumn
ALTER TABLE "receipt" RENAME COLUMN "tool_name" TO "name";
ALTER TABLE "receipt" RENAME COLUMN "tool_fingerprint" TO "name_fingerprint";

-- RenameIndex
ALTER INDEX "receipt_tenant_id_tool_name_received_at_idx" RENAME TO "receipt_tenant_id_name_received_at_idx";
