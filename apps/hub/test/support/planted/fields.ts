/** Where in what somebody sends a text is planted: a JSON Pointer; `{}` at its end, as the name of a key. */
type Places = readonly string[];

const DESCRIBED = ['/name', '/title', '/description', '/icons/0/src', '/icons/0/mimeType', '/_meta/said', '/_meta/{}', '/{}'];
const SCHEMA = ['title', 'description', 'default', '$comment', 'pattern', 'x-note', '{}'].map((key) => `/properties/a/${key}`);
const SCHEMAS = ['/title', '/description', '/properties/{}', '/properties/a/enum/0', '/properties/a/examples/0', ...SCHEMA];
const CONTENT = ['text', 'data', 'mimeType', 'uri', 'name', '_meta/said', '{}'].map((key) => `/content/0/${key}`);
const SAID = ['/message', '/data/said', '/data/{}'];

/**
 * Every place in which others than this product may write something that passes the agent. A line for each place, by what is sent: one more line is one more
 * place in which each of the secrets is planted and then looked for.
 */
export const FIELDS = {
  // what a server says of itself
  welcome: [
    ...['name', 'version', 'title', 'description', 'websiteUrl', 'icons/0/src', '{}'].map((key) => `/serverInfo/${key}`),
    '/capabilities/{}',
    '/capabilities/experimental/{}',
    '/capabilities/tools/said',
    '/_meta/said',
    '/_meta/{}',
  ],
  instructions: ['/instructions'],
  revision: ['/protocolVersion'],
  // what it offers, a definition for each place
  tool: [
    ...DESCRIBED,
    ...['title', 'readOnlyHint', '{}'].map((key) => `/annotations/${key}`),
    ...SCHEMAS.map((place) => `/inputSchema${place}`),
    ...['/title', '/properties/{}', '/properties/a/default', '/properties/a/enum/0'].map((place) => `/outputSchema${place}`),
    '/inputSchema',
    '/inputSchema/type',
    '/inputSchema/required/0',
    '/execution/taskSupport',
  ],
  prompt: [...DESCRIBED, ...['name', 'description', 'title', '{}'].map((key) => `/arguments/0/${key}`)],
  resource: [...DESCRIBED, '/uri', '/mimeType', '/size', '/annotations/audience/0', '/annotations/lastModified'],
  template: [...DESCRIBED, '/uriTemplate', '/mimeType', '/annotations/audience/0'],
  listPage: ['/nextCursor', '/_meta/said', '/{}'],
  // how it fails while it is looked at, and in calls
  welcomeError: SAID,
  listError: SAID,
  otherListError: SAID,
  callError: SAID,
  httpError: [
    '/statusText',
    '/body',
    '/headers/www-authenticate',
    '/headers/content-type',
    '/headers/set-cookie',
    '/headers/x-said',
  ],
  redirect: ['/headers/location', '/body'],
  noMcp: ['/body', '/headers/content-type', '/headers/mcp-session-id'],
  // what it answers
  result: [
    ...CONTENT,
    '/content/1/resource/text',
    '/content/1/resource/uri',
    '/content/2/type',
    '/structuredContent/value',
    '/structuredContent/map/{}',
    '/_meta/said',
    '/_meta/{}',
    '/{}',
  ],
  promptResult: ['/description', '/messages/0/content/text', '/messages/0/role', '/_meta/said'],
  resourceResult: ['/contents/0/text', '/contents/0/uri', '/contents/0/mimeType', '/contents/0/blob', '/_meta/said'],
  completion: ['/completion/values/0', '/completion/{}', '/_meta/said'],
  // what it says on the way
  progress: ['/message', '/_meta/said'],
  log: ['/logger', '/data', '/_meta/said', '/{}'],
  question: ['/message', '/requestedSchema/properties/a/title', '/requestedSchema/properties/{}', '/_meta/said'],
  sampling: ['/systemPrompt', '/messages/0/content/text', '/modelPreferences/hints/0/name', '/metadata/{}'],
  stranger: ['/said', '/{}'],
  // what a client says of itself
  hello: [
    ...['name', 'version', 'title', 'websiteUrl', '{}'].map((key) => `/params/clientInfo/${key}`),
    '/params/capabilities/{}',
    '/params/capabilities/experimental/{}',
    '/params/_meta/said',
    '/params/{}',
    '/id',
  ],
  helloRevision: ['/params/protocolVersion'],
  modernHello: [
    ...['name', 'version', 'title', '{}'].map((key) => `/clientInfo/${key}`),
    '/clientCapabilities/{}',
    '/clientCapabilities/experimental/{}',
    '/traceparent',
    '/progressToken',
    '/{}',
  ],
  clientHeaders: ['user-agent', 'referer', 'traceparent', 'x-forwarded-for', 'accept-language', 'cookie', 'x-said'].map(
    (key) => `/headers/${key}`,
  ),
  clientAddress: ['/profile', '/query', '/headers/authorization', '/headers/mcp-session-id', '/headers/origin'],
  // what it asks
  call: [
    '/params/arguments/note',
    '/params/arguments/more',
    '/params/_meta/traceparent',
    '/params/_meta/baggage',
    '/params/_meta/progressToken',
    '/params/_meta/{}',
    '/params/{}',
    '/id',
  ],
  undeclared: ['/params/arguments/{}'],
  unknownTool: ['/params/name', '/params/arguments/{}', '/params/arguments/a'],
  unknownMethod: ['/method', '/params/said'],
  promptCall: ['/params/arguments/form'],
  unknownPrompt: ['/params/name', '/params/arguments/{}'],
  read: ['/params/uri'],
  completionCall: ['/params/argument/value', '/params/argument/name', '/params/context/arguments/{}'],
  logLevel: ['/params/level'],
  notification: ['/params/reason', '/params/requestId', '/params/_meta/said'],
  answer: ['/result/content/text', '/result/content/{}', '/result/_meta/said'],
  refusal: ['/error/message', '/error/data/said'],
  noJson: ['/body'],
  // what a program writes that is no message
  program: ['/stderr', '/stdout'],
  // what the machine is called, and where things are on it
  machine: ['/hostname', '/environment/USER', '/environment/HOME', '/dataDir', '/guardrailsFile', '/secretsDir'],
  entryName: ['/name'],
  entry: ['/cwd', '/command', '/args/0', '/read/0'],
} as const satisfies Record<string, Places>;

export type Sent = keyof typeof FIELDS;

export interface Field {
  sent: Sent;
  place: string;
  /** by which an address or token that is found tells where it was planted */
  number: number;
}

const ALL: readonly Field[] = Object.entries(FIELDS)
  .flatMap(([sent, places]) => places.map((place) => ({ sent: sent as Sent, place })))
  .map((field, number) => ({ ...field, number }));

export function listFields(...of: readonly Sent[]): readonly Field[] {
  return of.length === 0 ? ALL : ALL.filter(({ sent }) => of.includes(sent));
}

export const describeField = ({ sent, place }: Field): string => `${sent} ${place}`;

/** The name of an entry of the guardrails is made of few letters. */
const ENTRY_NAME = /^[a-z0-9][a-z0-9_-]{0,63}$/;

/** Whether the field can hold the text at all. */
export const isWritable = ({ sent }: Field, text: string): boolean => sent !== 'entryName' || ENTRY_NAME.test(text);

/** A copy of `base` with `text` at a place, and what has to be above it. Nothing of `base` is a list where the place has a name. */
export function plantAt(base: object, place: string, text: string): Record<string, unknown> {
  const copy: Record<string, unknown> = structuredClone({ ...base });
  const keys = place.slice(1).split('/');
  let holder: Record<string, unknown> = copy;
  for (const [at, key] of keys.entries()) {
    if (at === keys.length - 1) {
      if (key === '{}') holder[text] = {};
      else holder[key] = text;
      break;
    }
    const known = holder[key];
    const next = typeof known === 'object' && known !== null ? known : /^(?:\d+)$/.test(keys[at + 1] ?? '') ? [] : {};
    holder[key] = next;
    holder = next as Record<string, unknown>;
  }
  return copy;
}

/** `base` with the secret's text at every place of what is sent. */
export function plantAll(base: object, sent: Sent, write: (field: number) => string): Record<string, unknown> {
  return listFields(sent).reduce<Record<string, unknown>>((value, { place, number }) => plantAt(value, place, write(number)), {
    ...base,
  });
}
