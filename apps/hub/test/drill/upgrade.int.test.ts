import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';

import { createTestDatabase } from '@gatehouse/db/testing';
import { findFreePort } from '@gatehouse/process/testing/free-port';
import { decodeJoinToken, encodeJoinToken } from '@gatehouse/protocol/enrolment';
import { Relay } from '@gatehouse/protocol/testing/relay';

import { startProcess } from '../support/processes.ts';
import { expectWithin, startMcpServer } from '../support/site.ts';
import { Calls, countServing, NUMBERED_SERVER, readCalls } from './calls.ts';
import { buildConsole, MovingConsole, Visitor } from './console.ts';
import { checkOutEarlier, ROOT, toScript } from './earlier-release.ts';

/** Calls that are answered between two steps. */
const BETWEEN = 60;
/** Pages and answers that a person gets after a step of the console. */
const PAGES = 12;

type Running = ReturnType<typeof startProcess>;

/** A database of its own that holds nothing, not even tables, and a way for agents to whatever hub there is. */
async function openPlane() {
  const template = await createTestDatabase();
  const name = `gatehouse_upgrade_${randomBytes(4).toString('hex')}`;
  const admin = await template.connectOwner();
  await admin.query(`CREATE DATABASE ${name} TEMPLATE template0`);
  onTestFinished(async () => {
    await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
    await template.drop();
  });
  const toUrl = (url: string) => Object.assign(new URL(url), { pathname: `/${name}` }).href;
  const relay = await Relay.start({ host: '127.0.0.1', port: 1 });
  onTestFinished(() => relay.stop());
  const hubUrl = `ws://127.0.0.1:${relay.port}`;
  const kek = randomBytes(32).toString('base64');
  const urls = { console: toUrl(template.urls.console), hub: toUrl(template.urls.hub), worker: toUrl(template.urls.worker) };
  const ownerUrl = toUrl(template.ownerUrl);
  const path = { PATH: process.env['PATH'] ?? '' };

  /** Runs to its end; returns what it printed. */
  const run = async (entry: string, args: readonly string[], env: Record<string, string>): Promise<string> => {
    const program = startProcess(entry, args, { ...path, ...env });
    expect(await program.ended, program.readOutput()).toEqual([0, null]);
    return program.readOutput();
  };
  const cliEnv = { DATABASE_URL: ownerUrl, NEXTAUTH_URL: 'http://127.0.0.1', GATEHOUSE_SIGNING_KEK: kek };
  const peopleEnv = { DRILL_DATABASE_URL: urls.console, DRILL_KEK: kek, DRILL_HUB_URL: hubUrl };
  return {
    relay,
    hubUrl,
    ownerUrl,
    runCli: (tree: string, ...args: string[]) => run(join(tree, 'apps/cli/src/main.ts'), args, cliEnv),
    runAct: async <Schema extends z.ZodType>(tree: string, schema: Schema, ...args: string[]): Promise<z.output<Schema>> =>
      schema.parse(JSON.parse(readJsonLine(await run(toScript(tree), args, peopleEnv)))),
    async startHub(tree: string): Promise<Running & { port: number }> {
      const port = await findFreePort();
      const env = { GATEHOUSE_HUB_DATABASE_URL: urls.hub, GATEHOUSE_HUB_PORT: String(port), GATEHOUSE_HUB_PUBLIC_URL: hubUrl };
      const hub = startProcess(join(tree, 'apps/hub/src/main.ts'), [], { ...path, ...env });
      await waitUntilReady(port, '/readyz', hub);
      return { ...hub, port };
    },
    makeConsole: () =>
      MovingConsole.make({
        GATEHOUSE_CONSOLE_DATABASE_URL: urls.console,
        GATEHOUSE_SIGNING_KEK: kek,
        GATEHOUSE_HUB_PUBLIC_URL: hubUrl,
      }),
    async startWorker(tree: string): Promise<Running> {
      const port = await findFreePort();
      const env = {
        GATEHOUSE_WORKER_DATABASE_URL: urls.worker,
        GATEHOUSE_WORKER_PORT: String(port),
        GATEHOUSE_SIGNING_KEK: kek,
        GATEHOUSE_HUB_PUBLIC_URL: hubUrl,
      };
      const worker = startProcess(join(tree, 'apps/worker/src/main.ts'), [], { ...path, ...env });
      await waitUntilReady(port, '/readyz', worker);
      return worker;
    },
  };
}

async function waitUntilReady(port: number, path: string, { readOutput }: Running): Promise<void> {
  const isReady = () =>
    fetch(`http://127.0.0.1:${port}${path}`).then(
      ({ ok }) => ok,
      () => false,
    );
  await expectWithin(isReady)
    .toBe(true)
    .catch((error: unknown) => {
      throw new Error(readOutput(), { cause: error });
    });
}

/** An agent whose folder goes from one release to another. */
class MovingAgent {
  readonly #home = mkdtempSync(join(tmpdir(), 'gatehouse-moving-'));
  readonly #port: number;
  readonly url: string;
  readonly #env: Record<string, string>;
  #running: Running | null = null;

  private constructor(port: number, env: Record<string, string>) {
    this.#port = port;
    this.url = `http://127.0.0.1:${port}`;
    const guardrails = join(this.#home, 'guardrails.yaml');
    writeFileSync(guardrails, JSON.stringify({ http: { privateHosts: ['127.0.0.1'] } }), { mode: 0o444 });
    this.#env = {
      PATH: process.env['PATH'] ?? '',
      GATEHOUSE_DATA_DIR: join(this.#home, 'state'),
      GATEHOUSE_LISTEN: `127.0.0.1:${port}`,
      GATEHOUSE_GUARDRAILS_FILE: guardrails,
      GATEHOUSE_ALLOW_OWN_GUARDRAILS: 'true',
      ...env,
    };
    onTestFinished(() => rmSync(this.#home, { recursive: true, force: true, maxRetries: 5 }));
  }

  static async make(env: Record<string, string>): Promise<MovingAgent> {
    return new MovingAgent(await findFreePort(), env);
  }

  /** Ends what runs as systemd does, and goes on with the code of this tree. */
  async moveTo(tree: string): Promise<void> {
    await this.#running?.stop();
    this.#running = startProcess(join(tree, 'apps/agent/src/cli.ts'), ['up'], this.#env);
    await waitUntilReady(this.#port, '/readyz', this.#running);
  }
}

const Id = z.object({ id: z.string() });
const Key = Id.extend({ key: z.string() });
const Joined = Id.extend({ password: z.string() });

/** Beside which Node may have warned of something. */
const readJsonLine = (said: string): string => said.split('\n').find((line) => line.startsWith('{')) ?? said;

/** The token of the link that is all of what the command prints on standard output. */
const readLink = (said: string): string => /\/invitation#(\S+)/.exec(said)?.[1] ?? said;

test.skipIf(process.env['GATEHOUSE_DRILL_UPGRADE'] !== '1')(
  'the release before is upgraded under calls, and goes back: no call fails but in the restart of its agent, no page but in that of the console, nobody signs in again, and no receipt is lost',
  async () => {
    const { tree: before, commit } = checkOutEarlier(process.env['DRILL_FROM']);
    const plane = await openPlane();
    const { runCli, runAct, relay } = plane;
    for (const tree of [before, ROOT]) await buildConsole(tree);
    await runCli(before, 'migrate');
    let [hub, worker] = [await plane.startHub(before), await plane.startWorker(before)];
    relay.replaceHub({ host: '127.0.0.1', port: hub.port });
    const serverUrl = await startMcpServer((method) => NUMBERED_SERVER[method] ?? null);

    const first = await runCli(before, 'tenant', 'create', '--slug', 'acme', '--name', 'Acme', '--owner', 'ada@acme.example');
    const { id: ada, password } = await runAct(before, Joined, 'join', '--link', readLink(first));
    const site = await plane.makeConsole();
    const moveConsole = (tree: string) =>
      site.moveTo(tree, (running) => waitUntilReady(Number(new URL(site.url).port), '/readyz', running));
    await moveConsole(before);
    const visitor = await Visitor.signIn(site.url, { email: 'ada@acme.example', password });
    const who = ['--workspace', 'acme', '--email', 'ben@acme.example', '--role', 'reviewer'];
    const { id: ben } = await runAct(before, Id, 'join', '--link', readLink(await runCli(before, 'user', 'invite', ...who)));
    const { tokens } = await runAct(before, z.object({ tokens: z.array(z.string()) }), 'tokens', '--as', ada);
    const agents: MovingAgent[] = [];
    for (const token of tokens) {
      const content = decodeJoinToken(token);
      if (!content) throw new Error('The token cannot be read');
      const GATEHOUSE_ENROLL_TOKEN = encodeJoinToken({ ...content, hub: plane.hubUrl });
      agents.push(
        await MovingAgent.make({ GATEHOUSE_ENROLL_TOKEN, SECRET_ORDERS: 't0ken-one', SECRET_ORDERS_ORIGIN: serverUrl }),
      );
    }
    const [north, south] = agents;
    if (!north || !south) throw new Error('There are two agents');
    const starting = Promise.all(agents.map((agent) => agent.moveTo(before)));
    const published = await runAct(
      before,
      Id.extend({ slug: z.string() }),
      'publish',
      '--as',
      ada,
      '--reviewer',
      ben,
      '--server',
      serverUrl,
    );
    await starting;
    const makeKey = (tree: string) => runAct(tree, Key, 'key', '--as', ada, '--profile', published.id);
    const serving = (key: string) => expectWithin(() => countServing(agents, published.slug, key));
    /** A key is made with one release and revoked with another. */
    const checkKey = async (made: z.output<typeof Key>, tree: string) => {
      await serving(made.key).toBe(2);
      await runAct(tree, z.object({}), 'revoke', '--as', ada, '--key', made.id);
      await serving(made.key).toBe(0);
    };
    const [steady, old] = [await makeKey(before), await makeKey(before)];
    await serving(steady.key).toBe(2);
    const calls = new Calls(agents, published.slug, steady.key);

    /** One process after the other, the database already there. */
    const movePlane = async (tree: string) => {
      await worker.stop();
      worker = await plane.startWorker(tree);
      await calls.waitForMore(BETWEEN);
      const next = await plane.startHub(tree);
      relay.replaceHub({ host: '127.0.0.1', port: next.port });
      await hub.stop();
      hub = next;
      await visitor.pause(() => moveConsole(tree));
      await visitor.waitForMore(PAGES);
      await calls.waitForMore(BETWEEN);
    };
    const moveAgent = async (agent: MovingAgent, tree: string) => {
      await calls.pause(agent, () => agent.moveTo(tree));
      await calls.waitForMore(BETWEEN);
    };

    await calls.waitForMore(BETWEEN);
    await visitor.waitForMore(PAGES);
    const migrated = await runCli(ROOT, 'migrate');
    await visitor.waitForMore(PAGES);
    await calls.waitForMore(BETWEEN);
    await checkKey(await makeKey(before), before);
    await movePlane(ROOT);
    await checkKey(old, ROOT);
    await moveAgent(north, ROOT);
    await moveAgent(south, ROOT);
    const late = await makeKey(ROOT);
    await serving(late.key).toBe(2);

    // and back: one agent before the control plane, one after it
    await moveAgent(north, before);
    await movePlane(before);
    await moveAgent(south, before);
    await checkKey(late, before);
    await checkKey(await makeKey(before), before);
    await calls.stop();
    await visitor.stop();

    expect(calls.failed).toEqual([]);
    expect(visitor.failed).toEqual([]);
    const owner = new pg.Client({ connectionString: plane.ownerUrl });
    await owner.connect();
    const read = () => readCalls((sql) => owner.query<{ call: number }>(sql));
    await expectWithin(async () => (await read()).filter((call) => calls.answered.has(call))).toEqual(
      [...calls.answered].toSorted((a, b) => a - b),
    );
    const stored = await read();
    await owner.end();
    expect(new Set(stored).size).toBe(stored.length);
    const migrations = (migrated.match(/^Applied/gm) ?? []).length;
    const list = (said: ReadonlyMap<string, number>) => [...said].map(([what, count]) => `${count} ${what}`).join(', ') || 'none';
    process.stdout.write(
      `ATTACK, an upgrade from ${commit.slice(0, 8)} and back under calls (migrations: ${migrations}): ${calls.answered.size} calls answered and on record; in the restart of their agent: ${list(calls.inPauses)}; none failed elsewhere. Of a person who signed in once: ${visitor.count} pages and answers; in the restarts of the console: ${list(visitor.inPauses)}; none failed elsewhere\n`,
    );
  },
  1_800_000,
);
