-- AlterTable
ALTER TABLE "observation" ADD COLUMN     "other_pins" TEXT[] DEFAULT ARRAY[]::TEXT[];

-- what an agent saw is the hub's to note, as the rest of the row
GRANT UPDATE ("other_pins") ON "observation" TO gatehouse_hub;
