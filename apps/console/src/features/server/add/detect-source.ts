import { StdioEntryName } from '@gatehouse/policy/documents/snapshot';
import { findSecretParameter } from '@gatehouse/policy/names/secret-parameter';

/** What somebody typed or pasted into the one box of "Add a server". */
export type DetectedSource =
  | { kind: 'empty' }
  | { kind: 'http'; url: string; suggestedName: string }
  | { kind: 'stdio'; entry: string; suggestedName: string }
  | { kind: 'problem'; sentence: string };

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

/** The addresses in a pasted `mcpServers` block; null when it is no JSON. */
function listConfigUrls(text: string): string[] | null {
  try {
    const parsed: unknown = JSON.parse(text);
    const found = JSON.stringify(parsed).matchAll(/"(?:url|serverUrl|httpUrl)":"([^"]+)"/g);
    return [...found].flatMap(([, url]) => url ?? []);
  } catch {
    return null;
  }
}

/** One server is added at a time: none of several is chosen without a word. */
function detectInConfig(text: string): DetectedSource {
  const urls = listConfigUrls(text);
  const problem = (sentence: string): DetectedSource => ({ kind: 'problem', sentence });
  if (urls === null)
    return problem('This configuration is not whole, or is no JSON. Paste all of it, from the first { to the last }.');
  const [url, ...others] = urls;
  if (others.length > 0)
    return problem(`This configuration names ${urls.length} servers. Add one at a time: paste the URL of one.`);
  if (url !== undefined) return detectSource(url);
  return problem(
    'This configuration names no URL. If it starts a command, put the command into guardrails.yaml beside the agent, then enter its name here.',
  );
}

/** Tells a URL from the name of a stdio entry, and says what to do with anything else. */
export function detectSource(input: string): DetectedSource {
  const text = input.trim();
  if (text === '') return { kind: 'empty' };
  if (text.startsWith('{')) {
    return detectInConfig(text);
  }
  if (SCHEME.test(text)) {
    const url = URL.parse(text);
    if (!url) return { kind: 'problem', sentence: 'This is not a valid URL. Example: https://mcp.example.com/mcp' };
    if (url.protocol !== 'https:' && url.protocol !== 'http:') {
      return { kind: 'problem', sentence: 'Only http and https addresses can be reached.' };
    }
    if (url.username || url.password) {
      return { kind: 'problem', sentence: 'This URL holds a password. Take it out and name a reference under "Credential".' };
    }
    const secret = findSecretParameter(url);
    if (secret) {
      return {
        kind: 'problem',
        sentence: `This URL seems to hold a secret in "${secret}". Take it out and name a reference under "Credential".`,
      };
    }
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
