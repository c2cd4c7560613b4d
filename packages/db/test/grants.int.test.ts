import { randomUUID } from 'node:crypto';

import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { PROCESS_NAMES, PROCESS_ROLES, type PerProcess, type ProcessName } from '../src/process-roles.ts';
import { createTestDatabase, type TestDatabase } from '../src/testing.ts';

/** What an agent says of itself, and what the hub sees of it. */
const REPORTED = [
  'acked_at acked_hash acked_version agent_version ahead_keyset ahead_manifest ahead_version buffered_receipts certificate_ends_at clock_skew_ms connected_at connection_epoch',
  'disconnected_at endpoint_url features hostname keyset_version last_seen_at left_behind_at lost_receipts open_sessions platform quarantined_at refused_receipts rejected_at',
  'rejected_code rejected_reason rejected_version revocation_count revocation_root revocations_at server_health stdio_entries withheld',
].join(' ');

/** All that each process may do: a right more or less is a change of this list, with its reason in the migration. */
const GRANTS: PerProcess<Record<string, string>> = {
  console: {
    '"user"': 'INSERT, SELECT, UPDATE(password_due password_hash time_zone)',
    access_request: 'INSERT, SELECT, UPDATE(decided_at decided_by decision granted_until state)',
    account_token:
      'INSERT, SELECT, UPDATE(by_mail created_by expires_at mailed_at membership_id token_hash used_at withdrawn_at)',
    admin_audit: 'INSERT, SELECT',
    agent: 'SELECT, UPDATE(archived_at labels name revision revoked_at)',
    agent_stream: 'SELECT(agent_id tenant_id updated_at)',
    approver: 'DELETE, INSERT, SELECT',
    authenticator: 'DELETE, INSERT, SELECT, UPDATE(confirmed_at created_at last_step secret_sealed)',
    client_key: 'INSERT, SELECT, UPDATE(revoked_at)',
    config_part: 'INSERT, SELECT, UPDATE(used_at)',
    console_session: 'INSERT, SELECT, UPDATE(last_seen_at revoked_at)',
    discovery: 'INSERT, SELECT, UPDATE(error_code error_text finished_at status)',
    entry_decision: 'DELETE, INSERT, SELECT',
    finding_state: 'DELETE, INSERT, SELECT',
    former_decision: 'INSERT, SELECT',
    group_member: 'DELETE, INSERT, SELECT',
    job_failure: 'SELECT',
    join_token: 'INSERT, SELECT, UPDATE(revoked_at)',
    keyset: 'INSERT, SELECT, UPDATE(key_id not_after payload signature version)',
    mail: 'DELETE, INSERT, SELECT',
    manifest: 'INSERT, SELECT',
    membership: 'INSERT, SELECT, UPDATE(display_name ended_at last_seen_at reads_values revision role signed_out_at user_id)',
    observation: 'DELETE, SELECT',
    passkey: 'DELETE, INSERT, SELECT, UPDATE(counter last_used_at name)',
    passkey_challenge: 'DELETE, INSERT, SELECT',
    person_group: 'DELETE, INSERT, SELECT, UPDATE(description name revision)',
    profile:
      'DELETE, INSERT, SELECT, UPDATE(archived_at description disabled_at draft draft_revision draft_updated_at is_askable name owner_group_id owner_membership_id published_version revision)',
    profile_access: 'DELETE, INSERT, SELECT',
    profile_group: 'DELETE, INSERT, SELECT',
    profile_site: 'DELETE, INSERT, SELECT',
    profile_version: 'INSERT, SELECT',
    publish_request:
      'INSERT, SELECT, UPDATE(audit_id consent_reason consented_at consented_by consented_hash decided_at decided_by draft_revision proposed_at proposed_by proposed_hash reason rolled_back_to state version)',
    rate_limit: 'DELETE, INSERT, SELECT, UPDATE(expire points)',
    receipt: 'SELECT',
    recovery_code: 'DELETE, INSERT, SELECT, UPDATE(used_at)',
    review:
      'INSERT, SELECT, UPDATE(audit_id before_decision break_glass_reason confirm_audit_id confirmed_at confirmed_by consented_at consented_by decided_at is_seconded proposal proposed_at proposed_by state valid_until)',
    review_comment: 'INSERT, SELECT',
    revocation: 'INSERT, SELECT, UPDATE(key_id signature)',
    revocation_head: 'INSERT, SELECT, UPDATE(as_of count key_id last_seq payload pruned_until root signature)',
    revocation_root: 'INSERT, SELECT, UPDATE(seq signed_at)',
    revision_entry: 'INSERT, SELECT',
    revision_look: 'SELECT',
    server:
      'DELETE, INSERT, SELECT, UPDATE(archived_at audit_id disabled_at former_revisions limits limits_audit_id name owner_group_id owner_membership_id purpose revision transport upstream)',
    server_revision: 'INSERT, SELECT',
    server_site: 'DELETE, INSERT, SELECT',
    signing_key: 'INSERT, SELECT, UPDATE(retired_at)',
    site: 'INSERT, SELECT, UPDATE(ended_at endpoint_url name revision snapshot_version)',
    snapshot: 'INSERT, SELECT',
    tenant: 'SELECT, UPDATE(colour delete_after deletion_asked_at environment mail_due_at name revision)',
    user_email: 'INSERT, SELECT',
  },
  hub: {
    admin_audit: 'INSERT',
    agent: `INSERT, SELECT, UPDATE(${REPORTED})`,
    agent_stream: 'INSERT, SELECT, UPDATE(head_hash last_seq updated_at)',
    client_key: 'SELECT(id last_used_at tenant_id), UPDATE(last_used_at)',
    config_part: 'SELECT',
    discovery: 'SELECT, UPDATE(error_code error_text finished_at revision_id stages status)',
    entry_decision: 'INSERT, SELECT',
    join_token: 'SELECT, UPDATE(failure_at failure_code presented_at used_at used_by_agent_id)',
    keyset: 'SELECT',
    manifest: 'SELECT',
    observation: 'DELETE, INSERT, SELECT, UPDATE(agent_id observed_at other_pins revision_id)',
    rate_limit: 'INSERT, SELECT, UPDATE(expire points)',
    receipt: 'INSERT',
    review: 'INSERT, SELECT, UPDATE(state)',
    revision_entry: 'INSERT, SELECT',
    revision_look: 'INSERT, SELECT, UPDATE(agent_id left_out looked_at)',
    revocation: 'SELECT',
    revocation_handover: 'INSERT, SELECT',
    revocation_head: 'SELECT',
    revocation_root: 'SELECT',
    server: 'SELECT, UPDATE(disabled_at)',
    server_revision: 'INSERT, SELECT, UPDATE(is_drift)',
    server_site: 'SELECT',
    signing_key: 'SELECT(created_at id is_root public_key retired_at tenant_id)',
    site: 'SELECT',
    snapshot: 'SELECT',
    tenant: 'SELECT',
  },
  worker: {
    '"user"': 'DELETE, SELECT(disabled_at id)',
    account_token: 'DELETE, INSERT, SELECT, UPDATE(mailed_at token_hash withdrawn_at)',
    admin_audit: 'INSERT, SELECT',
    agent:
      'SELECT(ahead_manifest ahead_version features id last_seen_at quarantined_at revoked_at site_id tenant_id), UPDATE(revoked_at)',
    client_key: 'SELECT, UPDATE(revoked_at)',
    config_part: 'DELETE, INSERT, SELECT, UPDATE(used_at)',
    discovery: 'SELECT, UPDATE(error_code error_text finished_at status)',
    entry_decision: 'SELECT',
    group_member: 'SELECT',
    job_failure: 'DELETE, INSERT, SELECT, UPDATE(code failed_at times)',
    join_token: 'DELETE, SELECT',
    keyset: 'INSERT, SELECT, UPDATE(key_id not_after payload signature version)',
    mail: 'DELETE, SELECT, UPDATE(account_token_id attempts due_at given_up_at refused_at)',
    manifest: 'DELETE, INSERT, SELECT',
    membership: 'SELECT, UPDATE(ended_at signed_out_at)',
    observation: 'SELECT',
    passkey_challenge: 'DELETE, SELECT',
    profile: 'DELETE, SELECT, UPDATE(disabled_at)',
    profile_access: 'SELECT',
    profile_group: 'SELECT',
    profile_site: 'SELECT',
    profile_version: 'SELECT',
    rate_limit: 'DELETE, SELECT',
    review: 'SELECT, UPDATE(state)',
    review_comment: 'SELECT(review_id tenant_id)',
    revision_entry: 'SELECT',
    revocation: 'DELETE, INSERT, SELECT',
    revocation_handover: 'DELETE, SELECT',
    revocation_head: 'INSERT, SELECT, UPDATE(as_of count key_id last_seq payload pruned_until root signature)',
    revocation_root: 'DELETE, INSERT, SELECT, UPDATE(seq signed_at)',
    server: 'DELETE, SELECT, UPDATE(disabled_at)',
    server_revision: 'DELETE, SELECT',
    server_site: 'SELECT',
    signing_key: 'DELETE, SELECT',
    site: 'SELECT, UPDATE(snapshot_version)',
    snapshot: 'DELETE, INSERT, SELECT',
    tenant: 'DELETE, SELECT, UPDATE(mail_due_at suspended_at)',
  },
};

let database: TestDatabase;
let owner: pg.Client;
beforeAll(async () => {
  database = await createTestDatabase();
  owner = await database.connectOwner();
});
afterAll(() => database.drop());

/** Rights of a role on tables and their columns, by table, as one line each. */
async function listGrants(role: string): Promise<Record<string, string>> {
  const { rows } = await owner.query<{ name: string; rights: string }>(
    `WITH granted AS (
       SELECT c.oid, acl.privilege_type AS verb, NULL AS col, acl.grantee FROM pg_class c, aclexplode(c.relacl) acl
       UNION ALL
       SELECT c.oid, acl.privilege_type, a.attname, acl.grantee
       FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND NOT a.attisdropped, aclexplode(a.attacl) acl
     ), by_right AS (
       SELECT oid, verb, string_agg(col, ' ' ORDER BY col) AS cols FROM granted WHERE grantee = $1::regrole GROUP BY oid, verb
     )
     SELECT oid::regclass::text AS name, string_agg(verb || coalesce('(' || cols || ')', ''), ', ' ORDER BY verb) AS rights
     FROM by_right JOIN pg_class USING (oid) WHERE relkind IN ('r', 'p', 'v', 'm', 'f') AND relnamespace <> 'bullmq'::regnamespace AND relowner <> $1::regrole
     GROUP BY oid ORDER BY 1`,
    [role],
  );
  return Object.fromEntries(rows.map(({ name, rights }) => [name, rights]));
}

test.each(PROCESS_NAMES)('T-31: the %s may do what is listed here and nothing else', async (name) => {
  expect(await listGrants(PROCESS_ROLES[name])).toEqual(GRANTS[name]);
});

test('what a right alone does not narrow, a policy does', async () => {
  const { rows } = await owner.query<{ policy: string }>(
    `SELECT concat_ws(' ', policyname, roles, cmd, tablename) AS policy FROM pg_policies WHERE permissive = 'RESTRICTIVE' ORDER BY 1`,
  );
  expect(rows.map(({ policy }) => policy)).toEqual([
    'console_acts {gatehouse_console} INSERT admin_audit',
    'console_answers {gatehouse_console} UPDATE access_request',
    'console_asks {gatehouse_console} UPDATE tenant',
    'console_decides {gatehouse_console} UPDATE publish_request',
    'console_deletes {gatehouse_console} DELETE profile',
    'console_retires {gatehouse_console} UPDATE signing_key',
    'console_rotates {gatehouse_console} INSERT signing_key',
    'hub_acts {gatehouse_hub} INSERT admin_audit',
    'hub_counts {gatehouse_hub} ALL rate_limit',
    'hub_locks {gatehouse_hub} UPDATE server',
    'hub_opens {gatehouse_hub} INSERT entry_decision',
    'hub_opens {gatehouse_hub} INSERT review',
    'hub_supersedes {gatehouse_hub} UPDATE review',
    'hub_was_asked {gatehouse_hub} UPDATE server_revision',
    'worker_acts {gatehouse_worker} INSERT admin_audit',
    'worker_disables {gatehouse_worker} UPDATE profile',
    'worker_disables {gatehouse_worker} UPDATE server',
    'worker_ends {gatehouse_worker} UPDATE membership',
    'worker_erases {gatehouse_worker} DELETE profile',
    'worker_erases {gatehouse_worker} DELETE server',
    'worker_erases {gatehouse_worker} DELETE signing_key',
    'worker_erases {gatehouse_worker} DELETE tenant',
    'worker_erases {gatehouse_worker} DELETE user',
    'worker_expires {gatehouse_worker} UPDATE review',
    'worker_forgets {gatehouse_worker} DELETE server_revision',
    'worker_mails {gatehouse_worker} INSERT account_token',
    'worker_mails_on {gatehouse_worker} UPDATE account_token',
    'worker_prunes {gatehouse_worker} DELETE revocation',
    'worker_revokes {gatehouse_worker} UPDATE agent',
    'worker_revokes {gatehouse_worker} UPDATE client_key',
    'worker_stops {gatehouse_worker} UPDATE tenant',
  ]);
});

test.each([
  ['console', 'agent', 'any'],
  ['console', 'system', 'operator'],
  ['hub', 'person', 'any'],
  ['hub', 'system', 'operator'],
  ['hub', 'system', 'refresh-snapshots'],
  ['worker', 'person', 'any'],
  ['worker', 'agent', 'any'],
  ['worker', 'system', 'operator'],
] as const)('the %s cannot write an act of %s %s into the log', async (name, kind, actor) => {
  const tenantId = await makeOwnTenant();
  const sql = `INSERT INTO admin_audit (tenant_id, id, actor_kind, actor_id, action, entity_type, entity_id)
               VALUES ($1, gen_random_uuid(), $2, $3, 'client_key.create', 'client_key', 'x')`;
  await expect(runAs(name, tenantId, sql, [tenantId, kind, actor])).rejects.toMatchObject({ code: '42501' });
});

test('the right to lock a server, as the hub needs it, changes none', async () => {
  const tenantId = await makeOwnTenant();
  await runAs('hub', tenantId, 'SELECT 1 FROM server WHERE tenant_id = $1 FOR UPDATE', [tenantId]);
  const enable = runAs('hub', tenantId, 'UPDATE server SET disabled_at = NULL WHERE tenant_id = $1', [tenantId]);
  await expect(enable).rejects.toMatchObject({ code: '42501' });
});

test('the worker forgets no revision that is under review, talked about or newest, and nobody’s last word; the hub makes nothing drift', async () => {
  const tenantId = await makeOwnTenant();
  const put = async (number: number, isDrift: boolean, state: string, decided: Record<string, string> = {}) => {
    const { rows } = await owner.query<{ id: string }>(
      `INSERT INTO server_revision (tenant_id, id, server_id, number, protocol_version, server_info, content_hash, is_drift)
       SELECT $1, gen_random_uuid(), id, $2, '', '{}', '', $3 FROM server WHERE tenant_id = $1 RETURNING id`,
      [tenantId, number, isDrift],
    );
    const { rows: reviews } = await owner.query<{ id: string }>(
      `INSERT INTO review (tenant_id, id, server_id, revision_id, state, decided_at)
       SELECT $1, gen_random_uuid(), server_id, id, $3::review_state, now() + $4 * interval '1 second' FROM server_revision WHERE id = $2 RETURNING id`,
      [tenantId, rows[0]?.id, state, number],
    );
    for (const [name, verdict] of Object.entries(decided)) {
      await owner.query(
        `INSERT INTO entry_decision (tenant_id, review_id, server_id, kind, pin, name, verdict)
         SELECT $1, id, server_id, 'prompt', $3, $3, $4::verdict FROM review WHERE id = $2`,
        [tenantId, reviews[0]?.id, name, verdict],
      );
    }
    return reviews[0]?.id;
  };
  await put(1, false, 'expired', { find: 'approved' });
  await put(2, false, 'superseded', { find: 'approved', drop: 'rejected' });
  await put(3, true, 'decided', { list: 'approved' });
  await put(4, true, 'open');
  await put(5, true, 'superseded', { find: 'pending' });
  const talkedAbout = await put(6, true, 'superseded');
  await owner.query(
    `INSERT INTO review_comment (tenant_id, id, review_id, text, created_by) VALUES ($1, gen_random_uuid(), $2, 'Why?', gen_random_uuid())`,
    [tenantId, talkedAbout],
  );
  await put(7, false, 'superseded');
  await put(8, false, 'superseded');
  await runAs('worker', tenantId, 'DELETE FROM server_revision WHERE tenant_id = $1', [tenantId]);
  const kept = await owner.query<{ number: number }>('SELECT number FROM server_revision WHERE tenant_id = $1 ORDER BY 1', [
    tenantId,
  ]);
  expect(kept.rows.map(({ number }) => number)).toEqual([2, 3, 4, 6, 8]);
  const drift = runAs('hub', tenantId, 'UPDATE server_revision SET is_drift = true WHERE tenant_id = $1', [tenantId]);
  await expect(drift).rejects.toMatchObject({ code: '42501' });
});

test('T-31: the worker removes a workspace whose thirty days are over, and nothing of any other; the console hurries none', async () => {
  const [due, other] = [await makeOwnTenant(), await makeOwnTenant()];
  await owner.query(`UPDATE tenant SET delete_after = now() - interval '1 second' WHERE id = $1`, [due]);
  for (const tenantId of [due, other])
    for (const table of ['server', 'profile', 'signing_key', 'revocation'])
      await runAs('worker', tenantId, `DELETE FROM ${table} WHERE tenant_id = $1`, [tenantId]);
  for (const tenantId of [due, other]) await runAs('worker', tenantId, 'DELETE FROM tenant WHERE id = $1', [tenantId]);
  // another tenant in the setting does not help
  await runAs('worker', due, 'DELETE FROM tenant WHERE id = $1', [other]);
  const left = await owner.query('SELECT t.id, s.slug FROM tenant t JOIN server s ON s.tenant_id = t.id WHERE t.id IN ($1, $2)', [
    due,
    other,
  ]);
  expect(left.rows).toEqual([{ id: other, slug: 's' }]);
  const hurry = `UPDATE tenant SET delete_after = now() + interval '28 days' WHERE id = $1`;
  await expect(runAs('console', other, hurry, [other])).rejects.toMatchObject({ code: '42501' });
  await runAs('console', other, `UPDATE tenant SET delete_after = now() + interval '30 days' WHERE id = $1`, [other]);
});

test('T-31: the worker ends a membership and stops a workspace, and takes neither back', async () => {
  const tenantId = await makeOwnTenant();
  await owner.query(`
    WITH made AS (INSERT INTO "user" (id, name) VALUES (gen_random_uuid(), 'Ada') RETURNING id)
    INSERT INTO membership (tenant_id, id, user_id, email, role) SELECT '${tenantId}', gen_random_uuid(), id, 'ada@acme.example', 'member' FROM made`);
  const set = (sql: string) => runAs('worker', tenantId, sql, [tenantId]);
  const refused = { code: '42501' };
  await expect(set('UPDATE membership SET ended_at = NULL WHERE tenant_id = $1')).rejects.toMatchObject(refused);
  await expect(set('UPDATE membership SET ended_at = now() WHERE tenant_id = $1')).rejects.toMatchObject(refused);
  await expect(set(`UPDATE membership SET role = 'owner' WHERE tenant_id = $1`)).rejects.toMatchObject(refused);
  await set('UPDATE membership SET ended_at = now(), signed_out_at = now() WHERE tenant_id = $1');
  await set('UPDATE tenant SET suspended_at = now() WHERE id = $1');
  await set('UPDATE membership SET ended_at = NULL, signed_out_at = NULL WHERE tenant_id = $1');
  await set('UPDATE tenant SET suspended_at = NULL WHERE id = $1');
  const { rows } = await owner.query(
    'SELECT m.ended_at IS NOT NULL AS ended, t.suspended_at IS NOT NULL AS stopped FROM membership m JOIN tenant t ON t.id = m.tenant_id WHERE t.id = $1',
    [tenantId],
  );
  expect(rows).toEqual([{ ended: true, stopped: true }]);
});

test('T-10: when a row was made and which number it has is not for hub and worker to say', async () => {
  const tenantId = await makeOwnTenant();
  const [revisionId, long] = [randomUUID(), '1970-01-02'];
  await runAs(
    'hub',
    tenantId,
    `INSERT INTO server_revision (tenant_id, id, server_id, number, protocol_version, server_info, content_hash, created_at)
     SELECT $1, $2, id, 2147483647, '', '{}', '', $3 FROM server WHERE tenant_id = $1`,
    [tenantId, revisionId, long],
  );
  await runAs(
    'hub',
    tenantId,
    `INSERT INTO review (tenant_id, id, server_id, revision_id, created_at) SELECT $1, gen_random_uuid(), id, $2, $3 FROM server WHERE tenant_id = $1`,
    [tenantId, revisionId, long],
  );
  for (const [name, kind] of [
    ['hub', 'agent'],
    ['worker', 'system'],
  ] as const)
    await runAs(
      name,
      tenantId,
      `INSERT INTO admin_audit (tenant_id, id, actor_kind, actor_id, action, entity_type, entity_id, at)
       VALUES ($1, gen_random_uuid(), $2, 'x', 'x', 'x', 'x', $3)`,
      [tenantId, kind, long],
    );
  const { rows } = await owner.query(
    `SELECT (SELECT number FROM server_revision WHERE tenant_id = $1) AS number, count(*)::int AS fresh FROM (
       SELECT created_at AS at FROM server_revision WHERE tenant_id = $1 UNION ALL SELECT created_at FROM review WHERE tenant_id = $1
       UNION ALL SELECT at FROM admin_audit WHERE tenant_id = $1) made WHERE at > now() - interval '1 hour'`,
    [tenantId],
  );
  expect(rows).toEqual([{ number: 1, fresh: 4 }]);
});

test('T-31: the hub counts who enrols and what agents report, and can neither lift the throttle of sign-ins nor lock anybody out with it', async () => {
  const tenantId = await makeOwnTenant();
  await runAs('console', tenantId, `INSERT INTO rate_limit (key, points) VALUES ('sign_in:a', 7)`, []);
  await runAs('hub', tenantId, `INSERT INTO rate_limit (key, points) VALUES ('enrol_address:a', 1)`, []);
  await runAs('hub', tenantId, `INSERT INTO rate_limit (key, points) VALUES ('enrol_network:a', 1)`, []);
  await runAs('hub', tenantId, `INSERT INTO rate_limit (key, points) VALUES ('observation_agent:a', 1)`, []);
  await runAs('hub', tenantId, 'UPDATE rate_limit SET points = 0, expire = 0', []);
  const lockOut = runAs('hub', tenantId, `INSERT INTO rate_limit (key, points) VALUES ('sign_in:b', 1000)`, []);
  await expect(lockOut).rejects.toMatchObject({ code: '42501' });
  const { rows } = await owner.query('SELECT key, points FROM rate_limit ORDER BY key');
  expect(rows).toEqual([
    { key: 'enrol_address:a', points: 0 },
    { key: 'enrol_network:a', points: 0 },
    { key: 'observation_agent:a', points: 0 },
    { key: 'sign_in:a', points: 7 },
  ]);
});

/** A tenant with a server. */
async function makeOwnTenant(): Promise<string> {
  const tenantId = randomUUID();
  await owner.query(`INSERT INTO tenant (id, slug, name) VALUES ($1, $2, 'Acme')`, [tenantId, `t-${tenantId}`]);
  await owner.query(
    `INSERT INTO server (tenant_id, id, slug, name, transport, purpose, created_by) VALUES ($1, gen_random_uuid(), 's', 's', '{}', 's', $1)`,
    [tenantId],
  );
  return tenantId;
}

/** Runs a statement with nothing but a process's URL, inside a tenant of choice: the setting is anybody's to make. */
async function runAs(name: ProcessName, tenantId: string, sql: string, values: unknown[]): Promise<void> {
  const client = new pg.Client({ connectionString: database.urls[name] });
  await client.connect();
  try {
    await client.query(`SELECT set_config('app.tenant_id', $1, false)`, [tenantId]);
    await client.query(sql, values);
  } finally {
    await client.end();
  }
}
