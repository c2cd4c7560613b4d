import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { expect, onTestFinished, test } from 'vitest';

import { makePrompt, makeServer, makeTemplate, makeTool } from '@gatehouse/policy/testing/build';
import { startFakeHub } from '@gatehouse/protocol/testing/fake-hub';

import { makeHome, runAgent, type AgentHome } from '../support/agent/agent-process.ts';
import { type ModernRequest, postModern } from '../support/clients/clients.ts';
import { makeTempDir } from '../support/disk/temp-dir.ts';
import { makeScriptEntry } from '../support/servers/stdio.ts';
import { makeServerAt } from '../support/servers/upstreams.ts';
import { ARGUMENT_MARKER } from './attack.ts';
import { type Canaries, FILE_MARKER, plantCanaries } from './canaries.ts';
import { HostileControlPlane } from './hostile-control-plane.ts';
import { ADVICE, type Lures, MODES, RECORD, RESULT_MARKER, startOfferedServer, WORK } from './offered-server.ts';
import { drawPlans } from './plans.ts';

const IS_DRILL = process.env.GATEHOUSE_DRILL === '1';
const CONFIGURATIONS = IS_DRILL ? 4_000 : 600;
const seed = Number(process.env.GATEHOUSE_HOSTILE_SEED ?? Date.now() % 2 ** 31);

const CREDENTIALS = {
  SECRET_ORDERS: 'credential-of-orders-71c0',
  SECRET_UNBOUND: 'credential-without-origin-93ae',
  UNOFFERED: 'credential-that-nobody-offers-2f6b',
  OF_AN_ENTRY: 'credential-of-a-program-e01d',
};
const FILE_CREDENTIAL = 'credential-in-a-file-4d77';
const FOLDER_CREDENTIAL = 'credential-in-the-folder-88f2';

function listLures({ files, port }: Canaries): Lures {
  const paths = [...files, '/etc/passwd', '/proc/self/environ'];
  return {
    addresses: [...paths.map((path) => pathToFileURL(path).href), `http://127.0.0.1:${port}/read`],
    templates: [
      'file://{+path}',
      'file:///proc/{path}/environ',
      `http://127.0.0.1:${port}/{path}`,
      'held://{path}',
      'env:{path}',
      'data:,{path}',
    ],
  };
}

/** A real agent with guardrails that name two servers, one program and three credentials, and no value that may leave. */
async function startSite() {
  const canaries = await plantCanaries();
  const lures = listLures(canaries);
  const [orders, other] = [await startOfferedServer(lures), await startOfferedServer(lures)];
  const folder = makeTempDir();
  const offeredFile = join(folder, 'offered');
  const secretsDir = join(folder, 'secrets');
  mkdirSync(join(secretsDir, 'files.partner.test'), { recursive: true });
  writeFileSync(join(secretsDir, 'files.partner.test', 'token'), FOLDER_CREDENTIAL);
  writeFileSync(offeredFile, FILE_CREDENTIAL);
  const entry = makeScriptEntry('reply(JSON.stringify([process.argv.slice(2), Object.keys(process.env).sort()]))', '', {
    sandbox: 'required',
    env: ['OF_AN_ENTRY'],
    maxProcesses: 4,
  });
  const home = await makeHome({
    environment: {
      ...CREDENTIALS,
      SECRET_ORDERS_ORIGIN: orders.origin,
      GATEHOUSE_SECRETS_DIR: secretsDir,
      PATH: `${canaries.commandFolder}:${process.env.PATH}`,
      GATEHOUSE_LOG_LEVEL: 'info',
    },
    credentials: [{ reference: `file:${offeredFile}`, origins: [orders.origin] }],
    stdio: { files: entry },
    http: { hosts: ['*.partner.test'], privateHosts: [orders.origin, other.origin].map((origin) => new URL(origin).host) },
    audit: { detail: 'shape' },
  });
  const guardrailsFile = home.environment.GATEHOUSE_GUARDRAILS_FILE ?? '';
  const offered = ['env:SECRET_ORDERS', `file:${offeredFile}`, `file:${join(secretsDir, 'files.partner.test', 'token')}`];
  const places = { origin: orders.origin, otherOrigin: other.origin, dataDir: home.dataDir, guardrailsFile, secretsDir };
  return { orders, other, canaries, lures, home, target: { canaries, offered, ...places } };
}

async function ask(home: AgentHome, secret: string, request: ModernRequest): Promise<string> {
  return (await postModern(`${home.url}/p/support/mcp`, secret, request)).text();
}

const buildCall = (name: string, args: object): ModernRequest => ({ method: 'tools/call', params: { name, arguments: args } });
const READ_RECORD: ModernRequest = { method: 'resources/read', params: { uri: `record://${ARGUMENT_MARKER}` } };
const GET_ADVICE: ModernRequest = { method: 'prompts/get', params: { name: 'advice', arguments: { text: ARGUMENT_MARKER } } };

/** The text as it is, and in the encodings that a server or a log may have put it into. */
function listForms(text: string): string[] {
  const bytes = Buffer.from(text);
  const inBase64 = [0, 1, 2].map((skip) =>
    bytes.subarray(skip, skip + 3 * Math.floor((bytes.length - skip) / 3)).toString('base64'),
  );
  return [
    text,
    text.toUpperCase(),
    bytes.toString('hex'),
    ...inBase64,
    encodeURIComponent(text),
    Array.from(text).toReversed().join(''),
  ];
}

function findForms(text: string, values: readonly string[]): string[] {
  return values.filter((value) => listForms(value).some((form) => text.includes(form)));
}

/** Everything that the agent keeps on its disk. */
function readFolder(folder: string): string {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name));
  return names
    .filter((name) => statSync(name).isFile())
    .map((name) => readFileSync(name, 'latin1'))
    .join('\n');
}

test(
  'T-20, T-21, T-25, T-60: a day of a control plane that signs whatever it wants: nothing is read, run, sent or shipped that the site has not named',
  { timeout: 1_800_000 },
  async () => {
    process.stderr.write(`hostile control plane: GATEHOUSE_HOSTILE_SEED=${seed}\n`);
    const { orders, other, canaries, lures, home, target } = await startSite();
    const hub = await startFakeHub();
    onTestFinished(() => hub.close());
    // parts that it does not have are asked for too: a hostile one says something all the same
    hub.script.handlePartRequest = (connection, { nonce, hashes }) => {
      const junk = { type: 'part', nonce, index: 0, of: 1, data: '' } as const;
      for (const hash of hashes) {
        if (hub.parts.has(hash)) hub.sendParts(connection, nonce, [hash]);
        else connection.send({ ...junk, hash });
      }
    };
    const honestOrders = makeServerAt(orders.url, 'env:SECRET_ORDERS', { slug: 'honest' });
    const honestFiles = makeServer({ slug: 'files', transport: { kind: 'stdio', entry: 'files', processes: 'shared' } });
    const run = makeTool(honestFiles, { name: 'run' });
    const entries = [makeTool(honestOrders, WORK), makeTemplate(honestOrders, RECORD), makePrompt(honestOrders, ADVICE), run];
    const controlPlane = new HostileControlPlane(hub, { servers: [honestOrders, honestFiles], entries }, lures);
    const preload = join(import.meta.dirname, 'rebinding-names.mjs');
    const agent = await runAgent({ ...home, nodeArgs: [`--import=${preload}`] }, 'up', '--enroll', hub.createJoinToken());
    await agent.waitForOutput(/Press Ctrl-C/);
    await hub.connections.waitForCount(1);

    const answers: string[] = [];
    let honest = 0;
    for (const [n, plan] of drawPlans(target, { seed, configurations: CONFIGURATIONS }).entries()) {
      const attacks = await controlPlane.execute(plan);
      if (plan.kind !== 'configuration') continue;
      const args = {
        text: `${ARGUMENT_MARKER} ${n}\r\nHost: evil`,
        mode: MODES[n % MODES.length],
        more: { [ARGUMENT_MARKER]: ARGUMENT_MARKER },
      };
      const own = [buildCall('work', args), READ_RECORD, GET_ADVICE, ...(n % 20 === 0 ? [buildCall('run', args)] : [])];
      const requests = [...own, ...attacks.flatMap((attack) => attack.buildRequests(args))];
      const replies = await Promise.all(requests.map((request) => ask(home, controlPlane.secret, request)));
      if (replies[0]?.includes(RESULT_MARKER)) honest += 1;
      answers.push(...replies);
    }

    // what the site named still works, for whoever may use it
    expect(await controlPlane.restore()).toMatchObject({ status: 'applied', withheld: [] });
    const after = buildCall('work', { text: 'afterwards' });
    expect(await ask(home, controlPlane.secret, after)).toContain(`${RESULT_MARKER} afterwards`);
    expect(await ask(home, controlPlane.secret, READ_RECORD)).toContain(RESULT_MARKER);
    expect(await ask(home, controlPlane.secret, GET_ADVICE)).toContain(RESULT_MARKER);
    const said = JSON.parse(await ask(home, controlPlane.secret, buildCall('run', {}))) as {
      result: { content: { text: string }[] };
    };
    expect(JSON.parse(said.result.content[0]?.text ?? '')).toEqual([[], expect.arrayContaining(['OF_AN_ENTRY'])]);
    expect(agent.child.exitCode).toBeNull();
    const credentials = [FILE_MARKER, 'PRIVATE KEY', ...Object.values(CREDENTIALS), FILE_CREDENTIAL, FOLDER_CREDENTIAL];
    const values = [RESULT_MARKER, ARGUMENT_MARKER];
    const offered = [CREDENTIALS.SECRET_ORDERS, FILE_CREDENTIAL];
    const [wire, logs, disk] = [hub.getWireText(), agent.readOutput(), readFolder(home.dataDir)];
    const seen = {
      ...canaries.listTouched(),
      credentials: [
        ...findForms(`${wire}\n${logs}\n${answers.join('\n')}\n${other.received.join('\n')}`, credentials),
        // its own key is there, and nothing of the rest
        ...findForms(disk, credentials.slice(2).concat(FILE_MARKER)),
        ...findForms(
          orders.received.join('\n'),
          credentials.filter((value) => !offered.includes(value)),
        ),
      ],
      values: findForms(`${wire}\n${logs}\n${disk}`, values),
    };
    const { applied, refused, messages, discoveries } = controlPlane.counts;
    const { read, run: started, connected } = seen;
    process.stderr.write(
      [
        `ATTACK, a control plane with its keys, over ${controlPlane.hours} hours: ${applied + refused} configurations (${applied} applied), ${discoveries} discoveries, ${messages} messages, ${answers.length} requests of a client:`,
        `${read.length} files read, ${started.length} commands run, ${connected.length} connections elsewhere, ${seen.credentials.length} credentials sent, ${seen.values.length} values shipped beyond what the site named\n`,
      ].join(' '),
    );
    expect(seen, `GATEHOUSE_HOSTILE_SEED=${seed}`).toEqual({ read: [], run: [], connected: [], credentials: [], values: [] });
    expect(controlPlane.hours).toBeGreaterThanOrEqual(24);
    // the attack was one: the agent took most of it, and went on serving
    expect(controlPlane.counts.applied).toBeGreaterThan(CONFIGURATIONS / 3);
    expect(honest).toBeGreaterThan(CONFIGURATIONS / 3);
  },
);
