-- What people edit counts its edits, so that two editors never overwrite each other (packages/services/src/edit-lock.ts). A constant default takes no
-- rewrite of a table.

-- AlterTable
ALTER TABLE "agent" ADD COLUMN     "revision" INTEGER NOT NULL DEFAULT 1;

-- AlterTable
ALTER TABLE "membership" ADD COLUMN     "revision" INTEGER NOT NULL DEFAULT 1;

-- AlterTable
ALTER TABLE "profile" ADD COLUMN     "revision" INTEGER NOT NULL DEFAULT 1;

-- AlterTable
ALTER TABLE "server" ADD COLUMN     "revision" INTEGER NOT NULL DEFAULT 1;

-- AlterTable
ALTER TABLE "site" ADD COLUMN     "revision" INTEGER NOT NULL DEFAULT 1;

-- AlterTable
ALTER TABLE "tenant" ADD COLUMN     "revision" INTEGER NOT NULL DEFAULT 1;

-- ---------------------------------------------------------------------------------------------------------------------------------------
-- Written by hand from here on. packages/db/test/grants.int.test.ts guards the rights.

GRANT UPDATE ("revision") ON "agent" TO gatehouse_console;
GRANT UPDATE ("revision") ON "membership" TO gatehouse_console;
GRANT UPDATE ("revision") ON "profile" TO gatehouse_console;
GRANT UPDATE ("revision") ON "server" TO gatehouse_console;
GRANT UPDATE ("revision") ON "site" TO gatehouse_console;
GRANT UPDATE ("revision") ON "tenant" TO gatehouse_console;
