import { Client, SSEClientTransport, StreamableHTTPClientTransport, type Transport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';

import { FULL_CAPABILITIES, listServer, type ServerLists } from '../src/server-lists.ts';
import type { SubjectCall, SubjectRun } from './subject.ts';

/** What one way to a subject gave: its lists, and the answers of its calls in order. */
export interface WayResult {
  /** revision of the conversation */
  era: string;
  lists: ServerLists;
  answers: unknown[];
  /** what reading the first resources gave, by address, and the prompts that need no argument, by name */
  contents: Record<string, unknown>;
}

/** Some servers list hundreds. */
const MAX_READS = 10;

/** The environment of a subject; nothing of ours. */
export const buildSubjectEnvironment = (run: SubjectRun, folder: string): Record<string, string> => ({
  PATH: process.env.PATH ?? '',
  HOME: folder,
  NO_COLOR: '1',
  ...run.env,
});

/** A transport to the subject itself. */
export function createDirectTransport(script: string, run: SubjectRun, folder: string): Transport {
  const requestInit = run.bearer === undefined ? {} : { headers: { authorization: `Bearer ${run.bearer}` } };
  if (run.http?.sse) return new SSEClientTransport(new URL(run.http.url), { requestInit });
  if (run.http) return new StreamableHTTPClientTransport(new URL(run.http.url), { requestInit });
  return new StdioClientTransport({
    command: process.execPath,
    args: [script, ...run.args],
    cwd: run.cwd ?? folder,
    env: buildSubjectEnvironment(run, folder),
    stderr: 'ignore',
  });
}

/** Lists, calls and reads over one transport with a client that declares everything, then closes it. `auto` prefers 2026-07-28. */
export async function exerciseTransport(
  transport: Transport,
  calls: SubjectCall[],
  mode: 'auto' | 'legacy' = 'auto',
): Promise<WayResult> {
  const client = new Client(
    { name: 'subjects', version: '1.0.0' },
    { capabilities: FULL_CAPABILITIES, versionNegotiation: { mode } },
  );
  client.setRequestHandler('roots/list', () => ({ roots: [] }));
  await client.connect(transport);
  try {
    const lists = await listServer(client);
    const answers: unknown[] = [];
    for (const call of calls) answers.push(await callSubject(client, call));
    const contents = await readContents(client, lists);
    return { era: client.getNegotiatedProtocolVersion() ?? 'unknown', lists, answers, contents };
  } finally {
    await client.close();
  }
}

async function readContents(client: Client, { resources, prompts }: ServerLists): Promise<Record<string, unknown>> {
  const found: Record<string, unknown> = {};
  for (const { uri } of resources.toSorted(byName).slice(0, MAX_READS)) {
    found[uri] = await client.readResource({ uri }).catch(String);
  }
  for (const { name, arguments: parameters = [] } of prompts) {
    if (parameters.some(({ required }) => required)) continue;
    found[name] = await client.getPrompt({ name, arguments: {} }).catch(String);
  }
  return found;
}

/** Order of lists: a profile sorts by name, a server as it likes. */
export const byName = (one: { name: string }, other: { name: string }): number => (one.name < other.name ? -1 : 1);

async function callSubject(client: Client, { tool, arguments: args = {}, ignore }: SubjectCall): Promise<unknown> {
  const params = { name: tool, arguments: args };
  // An error of the protocol is an answer too; both ways must give the same.
  const answer: unknown = await client.callTool(params).catch((error: unknown) => ({ refused: String(error) }));
  const text = JSON.stringify(answer);
  return JSON.parse(ignore ? text.replace(ignore, '0') : text);
}
