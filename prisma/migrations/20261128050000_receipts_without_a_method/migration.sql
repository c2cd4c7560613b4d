-- A request that was refused before its method could be read has none. Rows that are here keep theirs.

-- AlterTable
ALTER TABLE "receipt" ALTER COLUMN "method" DROP DEFAULT,
ALTER COLUMN "method" DROP NOT NULL;
