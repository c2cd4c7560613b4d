-- What the approval of a definition ignores of its texts. Approvals of before ignore nothing.

-- AlterTable
ALTER TABLE "entry_decision" ADD COLUMN     "ignored" TEXT[] DEFAULT ARRAY[]::TEXT[];
