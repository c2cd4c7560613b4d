import type { Stack } from './stack.ts';

/** How much is put into a workspace. */
export interface Load {
  members: number;
  agents: number;
  receipts: number;
  tools: number;
}

const MARK = 'filled';

/** Fills the demo's workspace by SQL, as years of use would; what a person does in it afterwards goes through the product. */
export async function fillWorkspace(stack: Stack, { members, agents, receipts, tools }: Load): Promise<void> {
  const [tenant] = await stack.query<{ id: string }>('select id from tenant where slug = $1', [stack.demo.tenant]);
  const id = tenant?.id;
  await stack.query(
    `with made as (
      insert into "user" (id, name) select gen_random_uuid(), 'Filled Person ' || lpad(n::text, 5, '0') from generate_series(1, $1::int) n
      returning id, name
    ) insert into membership (tenant_id, id, user_id, email, role, created_at)
      select $2::uuid, gen_random_uuid(), id, lower(replace(name, ' ', '.')) || '@${MARK}.example', 'member', now() - random() * interval '300 days' from made`,
    [members, id],
  );
  await stack.query(
    `insert into agent select (jsonb_populate_record(a, jsonb_build_object('id', gen_random_uuid(), 'name', '${MARK}-' || lpad(n::text, 3, '0'),
        'public_key', '\\x' || md5(n::text) || md5(n::text || 'x'), 'last_seen_at', now() - n * interval '1 minute', 'server_health', '[]'::jsonb))).*
      from agent a cross join generate_series(1, $1::int) n where a.id = $2`,
    [agents, stack.demo.agents[0]?.id],
  );
  await stack.query(
    `insert into receipt select (jsonb_populate_record(null::receipt, to_jsonb(r) || jsonb_build_object('id', gen_random_uuid(), 'spool_id', $3::text, 'seq', n, 'client_name', '${MARK}',
        'received_at', r.received_at - n * interval '1 second'))).*
      from (select * from receipt where tenant_id = $1::uuid order by received_at desc limit 1) r cross join generate_series(1, $2::int) n`,
    [id, receipts, '00000000-0000-4000-8000-000000000001'],
  );
  await fillServer(stack, tools);
}

/** One server whose only revision has this many tools, all of them waiting. */
async function fillServer(stack: Stack, tools: number): Promise<void> {
  const [server] = await stack.query<{ id: string; tenant_id: string }>(
    `insert into server select (jsonb_populate_record(s, jsonb_build_object('id', gen_random_uuid(), 'slug', '${MARK}-server', 'name', 'Filled server',
        'audit_id', null, 'limits_audit_id', null, 'limits', null, 'disabled_at', null, 'upstream', '${MARK}'))).*
      from server s where s.slug = 'orders' limit 1 returning id, tenant_id`,
  );
  if (!server) throw new Error('the demo has no server to copy');
  const ids = [server.tenant_id, server.id];
  await stack.query(
    `insert into server_site select tenant_id, $2::uuid, site_id from server_site where tenant_id = $1::uuid and server_id = (select id from server where slug = 'orders')`,
    ids,
  );
  await stack.query(
    `with revision as (
      insert into server_revision select (jsonb_populate_record(null::server_revision, to_jsonb(r) || jsonb_build_object('id', gen_random_uuid(), 'server_id', $2::uuid, 'number', 1))).*
        from (select * from server_revision where tenant_id = $1::uuid and server_id = (select id from server where slug = 'orders') order by number desc limit 1) r
        returning tenant_id, id
    ), entries as (
      insert into revision_entry select (jsonb_populate_record(null::revision_entry, to_jsonb(e) || jsonb_build_object('revision_id', revision.id, 'name', 'tool_' || n, 'pin', md5(n::text) || md5(n::text)))).*
        from revision cross join generate_series(1, $3::int) n
        cross join (select * from revision_entry where tenant_id = $1::uuid and kind = 'tool' limit 1) e returning tenant_id
    ) insert into observation select (jsonb_populate_record(null::observation, to_jsonb(o) || jsonb_build_object('server_id', $2::uuid, 'revision_id', revision.id))).*
        from revision cross join (select * from observation where tenant_id = $1::uuid limit 1) o`,
    [...ids, tools],
  );
}

/** Takes all of it out again. */
export async function clearWorkspace(stack: Stack): Promise<void> {
  await stack.query(`delete from server where slug = '${MARK}-server'`);
  await stack.query(`delete from receipt where client_name = '${MARK}'`);
  await stack.query(`delete from agent where name like '${MARK}-%'`);
  await stack.query(`delete from "user" where id in (select user_id from membership where email like '%@${MARK}.example')`);
}
