-- Who manages the members of a workspace ends their sessions in it, without a look at what they have open elsewhere.
ALTER TABLE "membership" ADD COLUMN     "signed_out_at" TIMESTAMPTZ(3);

-- Written by hand from here on. packages/db/test/grants.int.test.ts guards the rights.
GRANT UPDATE ("signed_out_at") ON "membership" TO gatehouse_console;
