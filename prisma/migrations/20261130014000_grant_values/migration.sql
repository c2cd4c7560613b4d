-- Values of the calls of others are read by a grant of its own. Whoever could read them by the role keeps that; from now on it is given by name.
ALTER TABLE "membership" ADD COLUMN "reads_values" BOOLEAN NOT NULL DEFAULT false;

UPDATE "membership" SET "reads_values" = true WHERE "ended_at" IS NULL AND "role" IN ('owner', 'admin', 'reviewer', 'auditor');

GRANT UPDATE ("reads_values") ON "membership" TO gatehouse_console;
