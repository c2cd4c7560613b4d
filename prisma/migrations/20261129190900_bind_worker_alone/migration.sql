-- The owner is a member of the worker's role, to give it partitions and to change them. What holds the worker back held an owner that is no
-- superuser back as well, so that one could make no workspace: these policies now look who acts.
DO $$
DECLARE
  held record;
BEGIN
  FOR held IN
    SELECT polname AS name, polrelid::regclass::text AS place, pg_get_expr(polqual, polrelid) AS seen, pg_get_expr(polwithcheck, polrelid) AS written
    FROM pg_policy WHERE NOT polpermissive AND 'gatehouse_worker'::regrole = ANY (polroles)
  LOOP
    EXECUTE format('ALTER POLICY %I ON %s', held.name, held.place)
      || coalesce(' USING (current_user <> ''gatehouse_worker'' OR (' || held.seen || '))', '')
      || coalesce(' WITH CHECK (current_user <> ''gatehouse_worker'' OR (' || held.written || '))', '');
  END LOOP;
END
$$;
