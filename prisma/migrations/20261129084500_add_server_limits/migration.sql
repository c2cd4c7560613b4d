-- How long a server may take (packages/policy/src/documents/server-limits.ts). The console writes it with the act that set it, by which the
-- signer knows it; null is what it was before, the defaults.

-- AlterTable
ALTER TABLE "discovery" ADD COLUMN     "run_by" TIMESTAMPTZ(3);

-- AlterTable
ALTER TABLE "server" ADD COLUMN     "limits" JSONB,
ADD COLUMN     "limits_audit_id" UUID;

-- ---------------------------------------------------------------------------------------------------------------------------------------
-- Written by hand from here on. packages/db/test/grants.int.test.ts guards the rights.

GRANT UPDATE ("limits", "limits_audit_id") ON "server" TO gatehouse_console;
