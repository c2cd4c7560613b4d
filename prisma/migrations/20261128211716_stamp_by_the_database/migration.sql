-- Written by hand. packages/db/test/grants.int.test.ts guards it; docs/decisions/0009-role-per-process.md says why.
-- When a row was made and which number it has orders what people read and decide. Hub and worker do not choose that: the database's clock and
-- count say it, whatever they write. `clock_timestamp`, because whoever keeps a transaction open chooses what `now` says.

CREATE FUNCTION "app"."stamp_creation"() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  NEW.created_at := clock_timestamp();
  RETURN NEW;
END
$$;
CREATE FUNCTION "app"."number_revision"() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  NEW.number := (SELECT coalesce(max(r.number), 0) + 1 FROM public.server_revision r
    WHERE r.tenant_id = NEW.tenant_id AND r.server_id = NEW.server_id);
  RETURN NEW;
END
$$;
CREATE FUNCTION "app"."stamp_act"() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
  NEW.at := clock_timestamp();
  RETURN NEW;
END
$$;

CREATE TRIGGER "hub_stamps" BEFORE INSERT ON "review" FOR EACH ROW WHEN (current_user = 'gatehouse_hub') EXECUTE FUNCTION app.stamp_creation();
CREATE TRIGGER "hub_stamps" BEFORE INSERT ON "server_revision" FOR EACH ROW WHEN (current_user = 'gatehouse_hub')
  EXECUTE FUNCTION app.stamp_creation();
CREATE TRIGGER "hub_numbers" BEFORE INSERT ON "server_revision" FOR EACH ROW WHEN (current_user = 'gatehouse_hub')
  EXECUTE FUNCTION app.number_revision();
CREATE TRIGGER "process_stamps" BEFORE INSERT ON "admin_audit" FOR EACH ROW WHEN (current_user IN ('gatehouse_hub', 'gatehouse_worker'))
  EXECUTE FUNCTION app.stamp_act();
