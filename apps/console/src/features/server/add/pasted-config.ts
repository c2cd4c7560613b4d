import { isJsonObject, type JsonObject } from '@gatehouse/policy/documents/json';

/** One server of a client's configuration that is reached at a URL. */
export interface ConfiguredServer {
  url: string;
  /** what the configuration calls it; '' when it does not say */
  name: string;
  headers: [name: string, value: string][];
  /** names of variables that it sets */
  variables: string[];
  /** other settings that it has, by name */
  others: string[];
}

export interface ConfiguredCommand {
  name: string;
  variables: string[];
}

export interface ReadConfig {
  servers: ConfiguredServer[];
  /** programs that a client would start */
  commands: ConfiguredCommand[];
}

const URL_KEYS = ['url', 'serverUrl', 'httpUrl'];
/** Say nothing beyond what the URL says. */
const PLAIN_KEYS = new Set([
  ...URL_KEYS,
  'type',
  'transport',
  'transportType',
  'name',
  'description',
  'headers',
  'requestInit',
  'http_headers',
  'env',
]);
const REMOTE = /^(?:mcp-remote|@[\w-]+\/mcp-remote|supergateway)(?:@[\w.-]+)?$/;

/** What stands in a pasted client configuration, of whatever client; null when the text is no JSON. */
export function readConfig(text: string): ReadConfig | null {
  const parsed = parseJson(text);
  if (parsed === undefined) return null;
  const found: ReadConfig = { servers: [], commands: [] };
  collect(parsed, '', found);
  return found;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function collect(value: unknown, name: string, found: ReadConfig): void {
  if (Array.isArray(value)) return value.forEach((item) => collect(item, name, found));
  if (!isJsonObject(value)) return;
  const url = URL_KEYS.map((key) => value[key]).find((each) => typeof each === 'string');
  if (typeof url === 'string') {
    found.servers.push(readServer(value, url, name));
    return;
  }
  if (typeof value['command'] === 'string') {
    const remote = readRemote(value, name);
    if (remote) found.servers.push(remote);
    else found.commands.push({ name, variables: listKeys(value['env']) });
    return;
  }
  for (const [key, member] of Object.entries(value)) collect(member, key, found);
}

function readServer(value: JsonObject, url: string, name: string): ConfiguredServer {
  const init = isJsonObject(value['requestInit']) ? value['requestInit'] : {};
  const headers = [value['headers'], value['http_headers'], init['headers']].flatMap((each) =>
    isJsonObject(each) ? Object.entries(each) : [],
  );
  return {
    url,
    name: typeof value['name'] === 'string' ? value['name'] : name,
    headers: headers.map(([header, text]) => [header, typeof text === 'string' ? text : JSON.stringify(text)]),
    variables: listKeys(value['env']),
    others: Object.keys(value).filter((key) => !PLAIN_KEYS.has(key)),
  };
}

/** A program that only stands before a server at a URL, as `npx mcp-remote https://… --header "X-Key: …"`. */
function readRemote({ args, env }: JsonObject, name: string): ConfiguredServer | null {
  const words = Array.isArray(args) ? args.map(String) : [];
  const url = words.find((word) => /^https?:\/\//.test(word));
  if (url === undefined || !words.some((word) => REMOTE.test(word))) return null;
  const headers = words.flatMap((word, index): [string, string][] => {
    const [header = '', ...rest] = word.split(':');
    return words[index - 1] === '--header' ? [[header.trim(), rest.join(':').trim()]] : [];
  });
  const others = words.filter((word) => word.startsWith('--') && word !== '--header');
  return { url, name, headers, variables: listKeys(env), others };
}

function listKeys(value: unknown): string[] {
  return isJsonObject(value) ? Object.keys(value) : [];
}
