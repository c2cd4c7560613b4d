import { StdioEntryName } from '@gatehouse/policy/documents/snapshot';

import { type ConfiguredServer, readConfig } from './pasted-config.ts';
import { findPastedParameter, type Pasted, takeOver } from './pasted-secrets.ts';

/** What somebody typed or pasted into the one box of "Add a server". */
export type DetectedSource =
  | { kind: 'empty' }
  /** `pasted`: what a configuration says beside the URL */
  | { kind: 'http'; url: string; suggestedName: string; pasted?: Pasted }
  | { kind: 'stdio'; entry: string; suggestedName: string }
  /** `pasted`: what the form can go on with */
  | { kind: 'problem'; sentence: string; pasted?: Pasted };

const SCHEME = /^[a-z][a-z0-9+.-]*:\/\//i;
const COMMAND = /^(?:npx|uvx|node|python3?|docker|bunx|deno|sh|bash)\b|\s/;
/** Parts of an address that say nothing of the server, so its suggested name leaves them out. */
const GENERIC_PARTS: ReadonlySet<string> = new Set([
  'www',
  'api',
  'mcp',
  'app',
  'localhost',
  'com',
  'io',
  'dev',
  'net',
  'org',
  'local',
]);

function toTitle(words: string): string {
  const text = words.replaceAll(/[-_.]+/g, ' ').trim();
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function suggestNameForUrl(url: URL): string {
  const isAddress = /^[\d.]+$|^\[/.test(url.hostname);
  const host = isAddress ? [] : url.hostname.split('.').filter((part) => !GENERIC_PARTS.has(part));
  const path = url.pathname.split('/').filter((part) => part !== '' && !GENERIC_PARTS.has(part) && !/^v\d+$/.test(part));
  return toTitle(host.at(0) ?? path.at(0) ?? url.hostname);
}

/** One server is added at a time: none of several is chosen without a word. */
function detectInConfig(text: string): DetectedSource {
  const config = readConfig(text);
  const problem = (sentence: string): DetectedSource => ({ kind: 'problem', sentence });
  if (config === null)
    return problem('This configuration is not whole, or is no JSON. Paste all of it, from the first { to the last }.');
  const { servers, commands } = config;
  const [server] = servers;
  if (servers.length + commands.length > 1 && server)
    return problem(
      `This configuration names ${servers.length + commands.length} servers. Add one at a time: paste the part of one, from its { to its }.`,
    );
  if (server) return detectConfigured(server);
  const variables = [...new Set(commands.flatMap((command) => command.variables))];
  const [be, them] = variables.length > 1 ? ['variables', 'them'] : ['variable', 'it'];
  const handed =
    variables.length === 0
      ? ''
      : ` Its ${be} ${variables.join(', ')} stay with you: set ${them} for the agent, in agent.env, and name ${them} under env of the entry.`;
  return problem(
    `This configuration names no URL. If it starts a command, put the command into guardrails.yaml beside the agent, then enter its name here.${handed}`,
  );
}

function detectConfigured({ url: written, headers, variables, others, name }: ConfiguredServer): DetectedSource {
  const url = readHttpUrl(written);
  if (!(url instanceof URL)) return url;
  const pasted = takeOver(url, written, headers);
  const unused = [
    ...(variables.length === 0
      ? []
      : [`Variables are set for programs, not for a server at a URL: ${variables.join(', ')} was left out.`]),
    ...(others.length === 0 ? [] : [`Settings of the client were left out: ${others.join(', ')}.`]),
  ];
  const suggestedName = /^[\p{L}\p{N}]/u.test(name) && !GENERIC_PARTS.has(name) ? toTitle(name) : suggestNameForUrl(url);
  return { kind: 'http', url: pasted.url, suggestedName, pasted: { ...pasted, notes: [...pasted.notes, ...unused] } };
}

function readHttpUrl(text: string): URL | Extract<DetectedSource, { kind: 'problem' }> {
  const url = URL.parse(text);
  if (!url) return { kind: 'problem', sentence: 'This is not a valid URL. Example: https://mcp.example.com/mcp' };
  if (url.protocol === 'https:' || url.protocol === 'http:') return url;
  return { kind: 'problem', sentence: 'Only http and https addresses can be reached.' };
}

/** The sentence on a URL with a secret in it; null for any other. */
function findSecretInUrl(url: URL): string | null {
  if (url.username || url.password) return 'This URL holds a password. Take it out and name a reference under "Credential".';
  const secret = findPastedParameter(url);
  if (secret === null) return null;
  return `This URL seems to hold a secret in "${secret}". Take it out and name a reference under "Credential".`;
}

/** Tells a URL from the name of a stdio entry, and says what to do with anything else. */
export function detectSource(input: string): DetectedSource {
  const text = input.trim();
  if (text === '') return { kind: 'empty' };
  if (text.startsWith('{')) {
    return detectInConfig(text);
  }
  if (SCHEME.test(text)) {
    const url = readHttpUrl(text);
    if (!(url instanceof URL)) return url;
    const sentence = findSecretInUrl(url);
    if (sentence !== null) return { kind: 'problem', sentence, pasted: takeOver(url, text, []) };
    return { kind: 'http', url: text, suggestedName: suggestNameForUrl(url) };
  }
  if (StdioEntryName.safeParse(text).success) return { kind: 'stdio', entry: text, suggestedName: toTitle(text) };
  if (COMMAND.test(text)) {
    return {
      kind: 'problem',
      sentence:
        'The console never sends commands to an agent. Put this command into guardrails.yaml beside the agent, then enter its name here.',
    };
  }
  if (URL.canParse(`https://${text}`) && text.includes('.')) return detectSource(`https://${text}`);
  return { kind: 'problem', sentence: 'Enter the URL of an MCP server, or the name of a stdio entry of the agent.' };
}
