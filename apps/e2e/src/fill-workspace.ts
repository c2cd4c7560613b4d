import type { Stack } from './stack.ts';

/** How much is put into a workspace. */
export interface Load {
  members: number;
  agents: number;
  receipts: number;
}

const MARK = 'filled';

/** Fills the demo's workspace by SQL, as years of use would; what a person does in it afterwards goes through the product. */
export async function fillWorkspace(stack: Stack, { members, agents, receipts }: Load): Promise<void> {
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
}

/** Takes all of it out again. */
export async function clearWorkspace(stack: Stack): Promise<void> {
  await stack.query(`delete from receipt where client_name = '${MARK}'`);
  await stack.query(`delete from agent where name like '${MARK}-%'`);
  await stack.query(`delete from "user" where id in (select user_id from membership where email like '%@${MARK}.example')`);
}
