import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { expect, test } from '@playwright/test';
import pg from 'pg';
import { z } from 'zod';

import { startEmbeddedPostgres, type EmbeddedPostgres } from '@gatehouse/db/embedded';
import { withDatabase } from '@gatehouse/db/schema-engine';
import { findFreePort } from '@gatehouse/process/testing/free-port';

import { resolveClientCommand } from '../clients/fixtures.ts';
import { readEnv } from '../src/env.ts';
import { root } from '../src/stack.ts';
import { type Block, readBlocks } from './blocks.ts';
import { Machine, replacePlaces } from './machine.ts';
import { Person } from './person.ts';

const NGINX = ['/usr/sbin/nginx', '/usr/local/sbin/nginx', '/usr/bin/nginx'].find((path) => existsSync(path));
const TOKEN = 'the-token-of-the-tests-server';
const WITH_ID = z.looseObject({ id: z.uuid() });
const INSPECTOR = ['@modelcontextprotocol/inspector', '2.12.0', 'inspector'] as const;

if (NGINX === undefined)
  process.stdout.write('SKIPPED, because nginx is not here: the guide of docs/operations.md, block by block\n');
test.skip(NGINX === undefined && readEnv().GATEHOUSE_TEST_STRICT !== '1', 'needs nginx');

/** What the test has running besides what the guide starts. */
interface World {
  folder: string;
  postgres: EmbeddedPostgres;
  server: ChildProcess;
  control: Machine;
  site: Machine;
  ports: Record<'console' | 'hub' | 'worker' | 'tls' | 'tlsHub' | 'agent' | 'server', number>;
}
let world: World;

test.beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-guide-'));
  chmodSync(folder, 0o755);
  const ports: World['ports'] = { console: 0, hub: 0, worker: 0, tls: 0, tlsHub: 0, agent: 0, server: 0 };
  for (const name of Object.keys(ports) as (keyof typeof ports)[]) ports[name] = await findFreePort();
  const postgres = await startEmbeddedPostgres({ dir: join(folder, 'postgres'), port: await findFreePort(), durable: false });
  // the guide makes one of this name, and the embedded server has one already
  await query(postgres.ownerUrl, 'postgres', 'DROP DATABASE gatehouse');
  const server = spawn(process.execPath, [join(root, 'apps/pilot/src/main.ts')], {
    env: { ...process.env, ORDERS_PORT: String(ports.server), ORDERS_TOKEN: TOKEN },
    stdio: 'ignore',
  });
  world = { folder, postgres, server, ports, ...makeMachines(folder, postgres, ports) };
});

test.afterAll(async () => {
  const { folder, postgres, server, control, site } = world;
  for (const pid of [...site.listPids(), ...control.listPids()]) {
    try {
      process.kill(-pid, 'SIGTERM');
    } catch (error) {
      // it has ended by itself, which the test has told then
      if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
    }
  }
  server.kill();
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
});

async function query(url: string, database: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: Object.assign(new URL(url), { pathname: `/${database}` }).href });
  await client.connect();
  // one by one: what makes a database runs in no transaction
  for (const statement of sql.split(/;\s*\n/).filter((part) => part.trim() !== '')) await client.query(statement);
  await client.end();
}

/** Two machines: two folders, each with a shell. The certificate that certbot would get is the test's own, and known to both. */
function makeMachines(folder: string, postgres: EmbeddedPostgres, ports: World['ports']) {
  const [plane, edge] = [join(folder, 'control-plane'), join(folder, 'site')];
  const certificate = join(plane, 'etc/ssl/gatehouse/fullchain.pem');
  mkdirSync(join(plane, 'etc/ssl/gatehouse'), { recursive: true });
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  const files = ['-keyout', join(plane, 'etc/ssl/gatehouse/privkey.pem'), '-out', certificate];
  // whoever is trusted here already, as a proxy to the registry may be, stays so
  const trusted = join(plane, 'authorities.pem');
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '90'];
  execFileSync('openssl', ['req', '-x509', ...key, ...names, ...files], { stdio: 'ignore' });
  const others = process.env.NODE_EXTRA_CA_CERTS;
  writeFileSync(trusted, `${readFileSync(certificate, 'utf8')}${others ? readFileSync(others, 'utf8') : ''}`);
  const shared = {
    'https://gatehouse.example.com': `https://localhost:${ports.tls}`,
    'wss://hub.example.com': `wss://localhost:${ports.tlsHub}`,
    'tickets.corp.example:8080': `127.0.0.1:${ports.server}`,
    'http://127.0.0.1:7300': `http://127.0.0.1:${ports.agent}`,
  };
  const at = (machine: string, ...paths: string[]) => Object.fromEntries(paths.map((path) => [path, join(machine, path)]));
  const password = randomBytes(16).toString('hex');
  const { host } = new URL(postgres.ownerUrl);
  const control = new Machine(
    plane,
    {
      ...shared,
      ...at(plane, '/opt/gatehouse', '/etc/gatehouse', '/etc/systemd/system', '/etc/nginx', '/etc/ssl/gatehouse', '/var/backups'),
      '/usr/local/bin': join(plane, 'bin'),
      'db.example.com': host,
      'choose-a-password': password,
      'choose-another-password': randomBytes(16).toString('hex'),
      'http://127.0.0.1:3000': `http://127.0.0.1:${ports.console}`,
      'http://127.0.0.1:3001': `http://127.0.0.1:${ports.hub}`,
    },
    { NODE_EXTRA_CA_CERTS: trusted, npm_config_prefer_offline: 'true', npm_config_update_notifier: 'false' },
  );
  const site = new Machine(
    edge,
    { ...shared, ...at(edge, '/opt/gatehouse-agent', '/etc/gatehouse-agent', '/etc/systemd/system', '/var/lib/gatehouse-agent') },
    { CURL_CA_BUNDLE: certificate },
  );
  installNginx(plane);
  return { control, site };
}

/** nginx as Debian has it, with a main file that writes nowhere but here. */
function installNginx(machine: string): void {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${join(machine, 'nginx-temp', name)};`,
  );
  mkdirSync(join(machine, 'nginx-temp'), { recursive: true });
  const conf = `${process.getuid?.() === 0 ? 'user root;\n' : ''}pid ${join(machine, 'nginx.pid')};
error_log ${join(machine, 'nginx-error.log')};
events {}
http {
access_log off;
${temporary.join('\n')}
include ${join(machine, 'etc/nginx/conf.d/*.conf')};
}
`;
  writeFileSync(join(machine, 'nginx.conf'), conf);
  const program = `#!/bin/sh\nexec ${NGINX} -c ${join(machine, 'nginx.conf')} "$@"\n`;
  writeFileSync(join(machine, 'bin/nginx'), program, { mode: 0o755 });
}

async function waitFor<T>(what: string, look: () => Promise<T | null>, limitMs = 60_000): Promise<T> {
  for (const end = Date.now() + limitMs; ; await delay(100)) {
    const found = await look();
    if (found !== null) return found;
    if (Date.now() > end) throw new Error(`Waited in vain for ${what}`);
  }
}

const isReady = (url: string) => async () => ((await fetch(url).catch(() => null))?.ok === true ? true : null);

const blocks = readBlocks();
/** The next block of the guide, which has to be of this section and language. */
function takeBlock(section: string, language: string): string {
  const [block] = blocks.splice(0, 1);
  const { text = '', ...found }: Partial<Block> = block ?? {};
  expect(found).toEqual({ section, language });
  return text;
}

test('from nothing to a governed call of a server of one’s own, block by block', async () => {
  const { folder, postgres, control, site, ports } = world;
  const plane = join(folder, 'control-plane');

  await test.step('1. The release', async () => {
    const release = join(folder, 'gatehouse-control-plane');
    execFileSync(process.execPath, [join(root, 'tools/release/control-plane.ts'), release]);
    execFileSync('tar', ['-czf', join(plane, 'gatehouse-control-plane.tgz'), '-C', folder, 'gatehouse-control-plane']);
    rmSync(release, { recursive: true });
    await control.run(takeBlock('1. The release', 'sh'));
    expect(await control.run('gatehouse --help')).toContain('tenant create');
  });

  await test.step('2. to 5. Database, keys, what each process is told, migrations', async () => {
    await query(postgres.ownerUrl, 'postgres', replacePlaces(takeBlock('2. The database', 'sql'), control.places));
    await control.run(takeBlock('3. Keys and passwords', 'sh'));
    await control.run(takeBlock('4. What each process is told', 'sh'));
    for (const name of ['console', 'hub', 'worker'] as const) {
      control.append(`/etc/gatehouse/${name}.env`, `GATEHOUSE_${name.toUpperCase()}_PORT=${ports[name]}`);
    }
    const said = await control.run(takeBlock('5. Migrate, and see whether it all fits', 'sh'));
    expect(said).toContain('0 problems');
  });

  await test.step('6. and 7. Start, TLS in front', async () => {
    await control.run(takeBlock('6. Start', 'sh'));
    for (const name of ['console', 'hub', 'worker'] as const) {
      await waitFor(`the ${name}`, isReady(`http://127.0.0.1:${ports[name]}/readyz`));
    }
    const conf = takeBlock('7. TLS in front', 'nginx').replace('listen 443', `listen ${ports.tls}`);
    control.write('/etc/nginx/conf.d/gatehouse.conf', conf.replace('listen 443', `listen ${ports.tlsHub}`));
    await control.run(takeBlock('7. TLS in front', 'sh'));
    await waitFor('nginx', () => Promise.resolve(readFileSync(join(plane, 'nginx.pid'), 'utf8').trim() === '' ? null : true));
    expect(takeBlock('7. TLS in front', 'caddy')).toContain('reverse_proxy 127.0.0.1:3001');
    const said = await control.run(takeBlock('7. TLS in front', 'sh'));
    for (const sentence of [`it is reached at https://localhost:${ports.tls}`, 'the certificate of localhost', '0 problems']) {
      expect(said).toContain(sentence);
    }
  });

  const people = await test.step('8. A workspace and its people', async () => {
    const workspace = 'acme';
    const section = '8. A workspace and its first owner';
    const ada = await Person.join((await control.run(takeBlock(section, 'sh'))).trim(), {
      name: 'Ada',
      email: 'ada@acme.example',
      workspace,
    });
    const ben = await Person.join((await control.run(takeBlock(section, 'sh'))).trim(), {
      name: 'Ben',
      email: 'ben@acme.example',
      workspace,
    });
    const invitation = { email: 'eve@acme.example', role: 'member' };
    const { token } = await ada.change(z.looseObject({ token: z.string() }), 'member.invite', invitation);
    const link = `https://localhost:${ports.tls}/invitation#${token}`;
    return { ada, ben, eve: await Person.join(link, { name: 'Eve', email: invitation.email, workspace }) };
  });

  const { ada, ben, eve } = people;
  const { id: siteId } = await ada.change(WITH_ID, 'site.create', { name: 'Headquarters' });
  const agentId = await test.step('9. An agent, on a machine of its own', async () => {
    const section = '9. An agent, on a machine of its own';
    const JoinToken = z.looseObject({ id: z.uuid(), token: z.string() });
    const { id, token } = await ada.change(JoinToken, 'joinToken.create', { siteId, agentName: 'hq-01' });
    await site.run(takeBlock(section, 'sh'), { 'agt_enroll_…': token, 'the-token-of-the-server': TOKEN });
    site.append('/etc/gatehouse-agent/agent.env', `GATEHOUSE_LISTEN=127.0.0.1:${ports.agent}`);
    site.append('/etc/gatehouse-agent/agent.env', `GATEHOUSE_CA_FILE=${join(plane, 'etc/ssl/gatehouse/fullchain.pem')}`);
    // the user of the agent is the one of this test, to whom also the guardrails belong
    site.append('/etc/gatehouse-agent/agent.env', 'GATEHOUSE_ALLOW_OWN_GUARDRAILS=true');
    cpSync(join(root, 'infra/systemd/gatehouse-agent.service'), join(folder, 'site/gatehouse-agent.service'));
    await site.run(takeBlock(section, 'sh'));
    const Facts = z.looseObject({ agentId: z.string().nullable(), connectedAt: z.unknown() });
    return waitFor('the agent', async () => {
      const facts = await ada.read(Facts, 'joinToken.get', { id });
      return facts.connectedAt ? facts.agentId : null;
    });
  });

  const key = await test.step('10. Server, review, profile, key', async () => {
    const credential = { kind: 'header', header: 'Authorization', prefix: 'Bearer ', reference: 'env:SECRET_TICKETS' };
    const url = `http://127.0.0.1:${ports.server}/mcp`;
    const { id: serverId } = await ada.change(WITH_ID, 'server.create', {
      name: 'Tickets',
      purpose: 'Tickets of the support team.',
      siteIds: [siteId],
      transport: { kind: 'http', url, credential },
    });
    const { id: discoveryId } = await ada.change(WITH_ID, 'discovery.start', { serverId, agentId });
    const Discovery = z.looseObject({ status: z.string(), errorText: z.string().nullish() });
    await waitFor('the discovery', async () => {
      const { status, errorText } = await ada.read(Discovery, 'discovery.get', { discoveryId });
      expect(errorText ?? null).toBeNull();
      return status === 'succeeded' ? true : null;
    });
    const Entry = z.looseObject({ kind: z.string(), name: z.string(), weighedRisk: z.string().nullish() });
    const { rows: reviews } = await ben.read(z.looseObject({ rows: z.array(WITH_ID) }), 'review.list', { state: 'open' });
    const [open] = reviews;
    const { entries } = await ben.read(z.looseObject({ entries: z.array(Entry) }), 'review.get', { reviewId: open?.id });
    await ben.change(z.unknown(), 'review.decide', {
      reviewId: open?.id,
      reason: 'The support team only looks orders up',
      decisions: entries.map(({ kind, name, weighedRisk }) =>
        kind !== 'tool'
          ? { kind, name, verdict: 'approved' }
          : { kind, name, verdict: name === 'get_order' ? 'approved' : 'rejected', risk: weighedRisk, logArguments: [] },
      ),
    });
    const profile = { slug: 'support', name: 'Support', description: 'For the support team.', siteIds: [siteId] };
    const { id: profileId } = await ada.change(WITH_ID, 'profile.create', profile);
    const entriesOfProfile = [{ kind: 'tool', serverId, name: 'get_order', rule: 'allow' }];
    await ada.change(z.unknown(), 'profile.saveDraft', { profileId, draft: { entries: entriesOfProfile, audit: 'durable' } });
    const Members = z.looseObject({ rows: z.array(z.looseObject({ id: z.uuid(), email: z.string() })) });
    const { rows: members } = await ada.read(Members, 'member.list');
    const membershipId = members.find(({ email }) => email === 'eve@acme.example')?.id;
    await ada.change(z.unknown(), 'profile.grantAccess', { profileId, membershipId });
    await ada.change(z.unknown(), 'profile.publish', { profileId });
    const made = await eve.change(z.looseObject({ key: z.string() }), 'clientKey.create', {
      profileId,
      name: 'Laptop',
      expiresInDays: 30,
    });
    const Agent = z.looseObject({ ackedVersion: z.unknown(), desiredVersion: z.unknown() });
    const Rollout = z.looseObject({ agents: z.array(Agent) });
    await waitFor('the agent to serve it', async () => {
      const { agents } = await ada.read(Rollout, 'profile.rollout', { profileId });
      return agents.length > 0 && agents.every(({ ackedVersion, desiredVersion }) => ackedVersion === desiredVersion)
        ? true
        : null;
    });
    return made.key;
  });

  await test.step('11. The call', async () => {
    const inspector = await resolveClientCommand(...INSPECTOR);
    const npx = 'npx --yes --loglevel=error @modelcontextprotocol/inspector@2.12.0';
    const block = takeBlock('11. The call', 'sh');
    expect(block).toContain(npx);
    const command = { [npx]: `'${inspector}'`, 'mcp_…': key };
    const listed = await site.run(block, command);
    expect(JSON.parse(listed)).toMatchObject({ tools: [{ name: 'get_order' }] });
    const call = block.replace('--method tools/list', `--method tools/call --tool-name get_order --tool-arg 'orderId="8841"'`);
    await site.run(call, command);
    const Receipts = z.looseObject({
      rows: z.array(
        z.looseObject({
          advertisedName: z.string().nullish(),
          outcome: z.string(),
          person: z.looseObject({ email: z.string().nullish() }).nullish(),
        }),
      ),
    });
    const receipt = await waitFor('the receipt', async () => {
      const { rows } = await ada.read(Receipts, 'receipt.list', { limit: 20 });
      return rows.find(({ advertisedName }) => advertisedName === 'get_order') ?? null;
    });
    expect(receipt).toMatchObject({ outcome: 'allowed', person: { email: 'eve@acme.example' } });
  });

  await test.step('Later', async () => {
    const link = await control.run(takeBlock('Somebody cannot get in', 'sh'));
    expect(new URL(link.trim()).pathname).toBe('/reset');
  });

  await test.step('Backup, and back to it', async () => {
    expect(await control.run(takeBlock('Backup', 'sh'))).toContain('The file is whole.');
    await control.run(
      'gatehouse tenant create --slug later --name Later --owner zoe@later.example --env /etc/gatehouse/console.env',
    );
    const said = await control.run(takeBlock('Restore', 'sh'));
    for (const sentence of ['The database is as the backup has it.', '0 problems']) expect(said).toContain(sentence);
    for (const name of ['console', 'hub', 'worker'] as const) {
      await waitFor(`the ${name}`, isReady(`http://127.0.0.1:${ports[name]}/readyz`));
    }
    const restored = new pg.Client({ connectionString: withDatabase(postgres.ownerUrl, 'gatehouse') });
    await restored.connect();
    expect((await restored.query('SELECT slug FROM tenant')).rows).toEqual([{ slug: 'acme' }]);
    // the receipt of the call that was made before, and the agent that made it is back
    await waitFor('the agent', async () => {
      const { rows } = await restored.query('SELECT FROM agent WHERE connected_at > (SELECT max(received_at) FROM receipt)');
      return rows.length === 1 ? true : null;
    });
    await restored.end();
  });

  await test.step('A new release, and back', async () => {
    expect(await control.run(takeBlock('A new release', 'sh'))).toContain('0 problems');
    for (const name of ['console', 'hub', 'worker'] as const) {
      await waitFor(`the ${name}`, isReady(`http://127.0.0.1:${ports[name]}/readyz`));
    }
    await control.run(takeBlock('A new release', 'sh'));
    await waitFor('the console', isReady(`http://127.0.0.1:${ports.console}/readyz`));
    expect(blocks).toEqual([]);
  });
  await Promise.all([ada.close(), ben.close(), eve.close()]);
});
