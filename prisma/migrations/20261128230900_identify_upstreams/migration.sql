-- What a server really is, so that the same one under a second name does not forget what was decided (packages/policy/src/upstream.ts). The console
-- writes it with the server, and no role may change it.

-- AlterTable
ALTER TABLE "server" ADD COLUMN     "upstream" TEXT;

-- ---------------------------------------------------------------------------------------------------------------------------------------
-- Written by hand from here on. packages/db/test/grants.int.test.ts guards the rights, packages/services/test/migration.int.test.ts the data.

-- Plain addresses are folded as the function does it. What takes a URL parser (escapes, parameters of a path, dot segments, numbers and
-- international names as hosts) stays null: what was decided on such a server weighs for every other, and the other way round.
WITH address AS (
  SELECT "tenant_id", "id", "transport" ->> 'kind' AS kind, regexp_match(
    lower(coalesce("transport" ->> 'url', "transport" ->> 'baseUrl')),
    '^https?://((?:[a-z0-9-]+\.)*[a-z][a-z0-9-]*|(?:(?:0|[1-9]\d{0,2})\.){3}(?:0|[1-9]\d{0,2}))\.?(?::(?:80|443)|(:[1-9]\d*))?((?:/[a-z0-9_.~@:+,=-]*)*)(?:[?#].*)?$'
  ) AS part
  FROM "server"
)
UPDATE "server" s SET "upstream" = CASE kind
  WHEN 'stdio' THEN 'stdio ' || (s."transport" ->> 'entry')
  ELSE kind || ' ' || CASE WHEN part[1] ~ '^(.+\.)?localhost$|^127\.|^0\.0\.0\.0$' THEN 'localhost' ELSE part[1] END
    || coalesce(part[2], '') || CASE kind WHEN 'rest' THEN '' ELSE rtrim(regexp_replace(part[3], '/+', '/', 'g'), '/') END
  END
FROM address
WHERE s."tenant_id" = address."tenant_id" AND s."id" = address."id" AND coalesce(part[3], '') !~ '/\.{1,2}(/|$)';
