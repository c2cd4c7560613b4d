-- An agent that cannot follow the rotated signing key is not let in, and its page says so.
ALTER TABLE "agent" ADD COLUMN     "left_behind_at" TIMESTAMPTZ(3);

-- Written by hand from here on. packages/db/test/grants.int.test.ts guards the rights.
GRANT UPDATE ("left_behind_at") ON "agent" TO gatehouse_hub;
