-- How long one statement, one wait for a lock and one idle transaction may last, per role: no request holds a connection or a lock for ever.
-- A transaction of the product says its own time (packages/db/src/tenant.ts); this holds for every other statement. An operator may change it
-- with the same ALTER ROLE: a migration sets it once.
DO $$
DECLARE
  limits text;
BEGIN
  FOREACH limits IN ARRAY ARRAY[
    'gatehouse_console SET statement_timeout = ''15s''', 'gatehouse_console SET lock_timeout = ''10s''',
    'gatehouse_console SET idle_in_transaction_session_timeout = ''30s''',
    'gatehouse_hub SET statement_timeout = ''15s''', 'gatehouse_hub SET lock_timeout = ''10s''',
    'gatehouse_hub SET idle_in_transaction_session_timeout = ''30s''',
    'gatehouse_worker SET statement_timeout = ''60s''', 'gatehouse_worker SET lock_timeout = ''30s''',
    'gatehouse_worker SET idle_in_transaction_session_timeout = ''120s'''
  ] LOOP
    LOOP
      BEGIN
        EXECUTE 'ALTER ROLE ' || limits;
        EXIT;
      EXCEPTION WHEN internal_error THEN
        -- Roles belong to the whole server: the migration of another database changes the same row, and has done so now.
        NULL;
      END;
    END LOOP;
  END LOOP;
END
$$;
