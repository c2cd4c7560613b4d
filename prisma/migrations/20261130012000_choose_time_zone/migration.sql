-- In which zone a person reads times. Null: the one of the browser.
ALTER TABLE "user" ADD COLUMN "time_zone" TEXT;
ALTER TABLE "user" ADD CONSTRAINT "user_time_zone_check" CHECK (char_length("time_zone") <= 64);
GRANT UPDATE ("time_zone") ON "user" TO gatehouse_console;
