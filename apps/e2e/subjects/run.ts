import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual, parseArgs } from 'node:util';

import { StreamableHTTPClientTransport } from '@modelcontextprotocol/client';

import { makeClientKey, makeServer } from '@gatehouse/policy/testing/build';

import { withoutHopData } from '../src/hop-data.ts';
import { InstalledPackages } from '../src/installed-packages.ts';
import { openProfile } from '../src/open-profile.ts';
import { SoloAgent, type StdioEntry } from '../src/solo-agent.ts';
import { DOWNLOADED_SUBJECTS } from './downloaded-subjects.ts';
import { LOCAL_SUBJECTS } from './local-subjects.ts';
import { byName, createDirectTransport, exerciseTransport, type WayResult } from './one-way.ts';
import { SERVICE_SUBJECTS } from './service-subjects.ts';
import { startSubjectDatabase } from './subject-database.ts';
import { endProcess, startHttpSubject } from './subject-process.ts';
import { resolveScript, type Subject, type SubjectPlace, type SubjectRun } from './subject.ts';

// `npm run subjects`: published MCP servers, each listed and called directly and through a profile, the two compared. One line a subject.
// `--local`: only those of this repository's lockfile. Names as arguments choose some. Ends with 1 when anything differs.
const { values: flags, positionals } = parseArgs({ options: { local: { type: 'boolean' } }, allowPositionals: true });
const print = (line: string) => void process.stdout.write(`${line}\n`);

interface Prepared {
  subject: Subject;
  /** name of its entry in the guardrails, and slug of its profile */
  slug: string;
  script: string;
  folder: string;
  run: SubjectRun;
}

async function prepareAll(subjects: Subject[], base: string, postgresUrl: string | null): Promise<Prepared[]> {
  const installed = new InstalledPackages(join(import.meta.dirname, '..', '.subjects'));
  const prepared: Prepared[] = [];
  for (const [n, subject] of subjects.entries()) {
    const slug = `subject-${n}`;
    const folder = join(base, slug);
    mkdirSync(folder);
    try {
      const script = await resolveScript(subject, LOCAL_SUBJECTS.includes(subject) ? null : installed);
      const place: SubjectPlace = { folder, postgresUrl };
      prepared.push({ subject, slug, script, folder, run: await subject.prepare(place) });
    } catch (error) {
      print(`${subject.name.padEnd(28)} SKIPPED, because it cannot be had here: ${String(error).slice(0, 200)}`);
    }
  }
  return prepared;
}

/** Guardrails that name every subject reached over stdio; the agent's environment holds what they need. */
async function createAgent(prepared: Prepared[]): Promise<SoloAgent> {
  const stdio: Record<string, StdioEntry> = {};
  const environment: Record<string, string> = {};
  for (const { slug, script, folder, run } of prepared) {
    Object.assign(environment, run.env, setBearer(run));
    if (run.http) continue;
    const env = ['PATH', 'HOME', ...Object.keys(run.env ?? {})];
    const command = realpathSync(process.execPath);
    stdio[slug] = { command, args: [script, ...run.args], cwd: run.cwd ?? folder, env };
  }
  return SoloAgent.create({ stdio, environment });
}

/** The token of a subject, as a site offers it to the agent. */
function setBearer({ bearer, http }: SubjectRun): Record<string, string> {
  if (bearer === undefined || !http) return {};
  return { SECRET_SUBJECT: bearer, SECRET_SUBJECT_ORIGIN: new URL(http.url).origin };
}

/** Both eras of clients through a profile that selects everything. */
async function exerciseThroughAgent(agent: SoloAgent, { slug, run }: Prepared, direct: WayResult): Promise<WayResult[]> {
  const { lists } = direct;
  const reference = 'env:SECRET_SUBJECT';
  const credential =
    run.bearer === undefined ? null : ({ kind: 'header', header: 'authorization', prefix: 'Bearer ', reference } as const);
  const server = makeServer({
    slug,
    name: slug,
    transport: run.http
      ? { kind: 'http', url: run.http.url, credential }
      : { kind: 'stdio', entry: slug, processes: 'per_session' },
    features: lists.features,
  });
  const profile = openProfile(server, lists);
  const { secret, key } = makeClientKey(profile);
  await agent.serve({ servers: [server], profiles: [profile], clientKeys: [key] });
  const requestInit = { headers: { authorization: `Bearer ${secret}` } };
  const transport = () => new StreamableHTTPClientTransport(new URL(agent.getMcpUrl(slug)), { requestInit });
  return [await exerciseTransport(transport(), run.calls, 'auto'), await exerciseTransport(transport(), run.calls, 'legacy')];
}

/** What differs between the two ways, in a few words each. */
function compare(direct: WayResult, through: WayResult, { calls }: SubjectRun): string[] {
  const keys = ['tools', 'prompts', 'resources', 'resourceTemplates'] as const;
  const lists = keys.flatMap((key) => {
    const one = sortByName(direct.lists[key]);
    const other = sortByName(through.lists[key]);
    if (isDeepStrictEqual(one, other)) return [];
    const names = one.filter((item) => !other.some((found) => isDeepStrictEqual(found, item))).map(({ name }) => name);
    return [`${key} ${one.length} -> ${other.length} (${names.slice(0, 3).join(', ')})`];
  });
  // clients of one era are given all of a result
  const names = direct.era === through.era ? [] : ENVELOPE;
  const compareOne = (what: string, one: unknown, other: unknown) => {
    const [asked, came] = [one, other].map((said) => (typeof said === 'object' ? withoutHopData(said, names) : said));
    return isDeepStrictEqual(asked, came) ? [] : [`${what}: ${shorten(asked)} -> ${shorten(came)}`];
  };
  const answers = calls.flatMap(({ tool }, n) => compareOne(tool, direct.answers[n], through.answers[n]));
  const contents = Object.keys({ ...direct.contents, ...through.contents }).flatMap((key) =>
    compareOne(key, direct.contents[key], through.contents[key]),
  );
  return [...lists, ...answers, ...contents].map((difference) => `${through.era} client: ${difference}`);
}

/** What 2026-07-28 puts around every result, and the revisions before it do not have. */
const ENVELOPE = ['resultType', 'ttlMs', 'cacheScope'];

const sortByName = (items: { name: string }[]) => items.toSorted(byName);
const shorten = (answer: unknown) => JSON.stringify(answer)?.slice(0, 160);

/** Runs both ways and prints the line. True when they gave the same. */
async function examine(agent: SoloAgent, prepared: Prepared): Promise<boolean> {
  const { subject, run } = prepared;
  const child = run.http ? await startHttpSubject(prepared.script, run, prepared.folder) : null;
  const way = run.http ? (run.http.sse ? 'SSE' : 'HTTP') : 'stdio';
  const title = `${subject.name.padEnd(28)} ${way.padEnd(6)}`;
  try {
    const direct = await exerciseTransport(createDirectTransport(prepared.script, run, prepared.folder), run.calls);
    const { tools, prompts, resources, resourceTemplates } = direct.lists;
    const counts = `${tools.length} tools, ${prompts.length} prompts, ${resources.length} resources, ${resourceTemplates.length} templates`;
    const differences = (await exerciseThroughAgent(agent, prepared, direct)).flatMap((through) => compare(direct, through, run));
    const reads = Object.keys(direct.contents).length;
    const equal = `direct = through, ${run.calls.length} calls${describeFailures(direct)} and ${reads} reads equal`;
    print(`${title} ${direct.era}  ${counts}: ${differences.length === 0 ? equal : differences.join('; ')}`);
    return differences.length === 0;
  } catch (error) {
    print(`${title} FAILED: ${String(error).slice(0, 400)}`);
    return false;
  } finally {
    await endProcess(child);
  }
}

/** Says how many of the calls the subject itself did not do, so that equal failures do not pass for equal successes. */
function describeFailures({ answers }: WayResult): string {
  const failed = answers.filter((answer) => /"isError":true|^\{"refused"/.test(JSON.stringify(answer))).length;
  return failed > 0 ? ` (${failed} failing)` : '';
}

async function runSubjects(): Promise<number> {
  const all = flags.local ? LOCAL_SUBJECTS : [...LOCAL_SUBJECTS, ...DOWNLOADED_SUBJECTS, ...SERVICE_SUBJECTS];
  const subjects = all.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
  const unknown = positionals.filter((name) => !all.some((subject) => subject.name === name));
  if (unknown.length > 0) {
    print(
      `There is no subject ${unknown.join(', ')}. Names are those of the packages, as in the lines that a run of all of them prints.`,
    );
    return 1;
  }
  const base = realpathSync(mkdtempSync(join(tmpdir(), 'gatehouse-subjects-')));
  const database = subjects.some(({ needsPostgres }) => needsPostgres) ? await startSubjectDatabase() : null;
  let differing = 0;
  try {
    const prepared = await prepareAll(subjects, base, database?.url ?? null);
    const agent = await createAgent(prepared);
    try {
      for (const one of prepared) if (!(await examine(agent, one))) differing += 1;
    } finally {
      await agent.stop();
    }
    print(`${prepared.length - differing} of ${prepared.length} subjects are through a profile what they are directly`);
  } finally {
    await database?.stop();
    rmSync(base, { recursive: true, force: true });
  }
  return differing === 0 ? 0 : 1;
}

process.exitCode = await runSubjects();
