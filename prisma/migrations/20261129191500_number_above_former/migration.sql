-- Written by hand. packages/services/test/server/edit-server.int.test.ts guards it; docs/decisions/0043-other-address.md says why.
-- What is found at a server's new address is numbered above all that was found at the address before, also where that was forgotten meanwhile:
-- else nobody could approve it.

CREATE OR REPLACE FUNCTION "app"."number_revision"() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  NEW.number := greatest(
    (SELECT coalesce(max(r.number), 0) FROM public.server_revision r WHERE r.tenant_id = NEW.tenant_id AND r.server_id = NEW.server_id),
    (SELECT coalesce(max(s.former_revisions), 0) FROM public.server s WHERE s.tenant_id = NEW.tenant_id AND s.id = NEW.server_id)) + 1;
  RETURN NEW;
END
$$;
