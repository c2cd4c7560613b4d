import { buildCommand, type Shell } from '@gatehouse/process/shell-command';

/** What a recipe is filled with. The entry in the client is named after the profile. */
export interface ConnectTarget {
  profileSlug: string;
  profileName: string;
  /** the profile's MCP endpoint at one site */
  url: string;
  /** the client key, right after it was made; null: a placeholder stands in its place */
  key: string | null;
}

export interface RecipeBlock {
  title: string;
  /** where the text belongs: a file path, or "Terminal" */
  place: string;
  language: 'shell' | 'json' | 'text';
  text: string;
}

export interface Recipe {
  id: 'claude-code' | 'claude-desktop' | 'cursor' | 'vs-code' | 'other';
  label: string;
  /** day on which the client facts were last compared with the client's own documentation */
  checkedOn: string;
  /** opens the client with the endpoint filled in. Carries no key: links end up in histories and logs */
  install: ((target: ConnectTarget) => { label: string; href: string }) | null;
  /** a file that has to be on the computer first, which everybody may have; `href` on the console itself */
  download?: { label: string; href: string };
  buildBlocks: (target: ConnectTarget) => RecipeBlock[];
  /** how to see that it worked */
  check: string;
  /** what this client cannot do, or needs */
  limits: string[];
}

export const KEY_PLACEHOLDER = 'YOUR_KEY';

const formatBearer = (target: ConnectTarget): string => `Bearer ${target.key ?? KEY_PLACEHOLDER}`;
const formatJson = (value: unknown): string => JSON.stringify(value, null, 2);

function encodeBase64(text: string): string {
  return btoa(String.fromCodePoint(...new TextEncoder().encode(text)));
}

/** VS Code asks for the key once and keeps it in its own secret store, so the file can be committed. */
function buildVsCodeFile(target: ConnectTarget): string {
  const input = `${target.profileSlug}-key`;
  return formatJson({
    inputs: [{ type: 'promptString', id: input, description: `Key for ${target.profileName}`, password: true }],
    servers: {
      [target.profileSlug]: { type: 'http', url: target.url, headers: { Authorization: `Bearer \${input:${input}}` } },
    },
  });
}

const SHELLS = [
  { shell: 'posix', place: 'a shell of macOS or Linux' },
  { shell: 'powershell', place: 'PowerShell' },
  { shell: 'cmd', place: 'the Command Prompt' },
] as const satisfies readonly { shell: Shell; place: string }[];

function buildClaudeWords(target: ConnectTarget): string[] {
  const options = ['--scope', 'user', '--transport', 'http'];
  const header = ['--header', `Authorization: ${formatBearer(target)}`];
  return ['claude', 'mcp', 'add', ...options, target.profileSlug, target.url, ...header];
}

/** Every client the console knows how to connect. */
export const RECIPES: readonly Recipe[] = [
  {
    id: 'claude-code',
    label: 'Claude Code',
    checkedOn: '2026-11-21',
    install: null,
    buildBlocks: (target) => [
      ...SHELLS.flatMap(({ shell, place }): RecipeBlock[] => {
        const text = buildCommand(shell, buildClaudeWords(target));
        return text === null ? [] : [{ title: `Add it for yourself, in ${place}`, place: 'Terminal', language: 'shell', text }];
      }),
      {
        title: 'Or share it in a project: the key stays in each person’s environment',
        place: '.mcp.json',
        language: 'json',
        text: formatJson({
          mcpServers: {
            [target.profileSlug]: {
              type: 'http',
              url: target.url,
              headers: { Authorization: `Bearer \${${getKeyVariableName(target.profileSlug)}}` },
            },
          },
        }),
      },
    ],
    check: 'Run /mcp in Claude Code. The profile is listed as connected, with its tools.',
    limits: ['On Windows, "claude mcp add-json" may answer "Invalid input". Use "claude mcp add".'],
  },
  {
    id: 'claude-desktop',
    label: 'Claude Desktop',
    checkedOn: '2026-11-21',
    install: null,
    download: { label: 'Download gatehouse-agent.mjs', href: '/agent/gatehouse-agent.mjs' },
    buildBlocks: (target) => [
      {
        title: 'Add the entry: Claude Desktop starts the bridge, the bridge reaches the profile',
        place: 'claude_desktop_config.json (Settings, Developer, Edit Config)',
        language: 'json',
        text: formatJson({
          mcpServers: {
            [target.profileSlug]: {
              command: 'node',
              args: ['/path/to/gatehouse-agent.mjs', 'connect', target.url],
              env: { GATEHOUSE_CLIENT_KEY: target.key ?? KEY_PLACEHOLDER },
            },
          },
        }),
      },
    ],
    check: 'Restart Claude Desktop and open the list of tools below the message field. The profile is listed with its tools.',
    limits: [
      'Needs Node.js 24 or newer on this computer. Keep the downloaded file where it stays, and enter its path in args.',
      'If the agent shows a certificate of your own authority, add GATEHOUSE_CA_FILE with the path of that authority to env.',
    ],
  },
  {
    id: 'cursor',
    label: 'Cursor',
    checkedOn: '2026-11-21',
    install: (target) => ({
      label: 'Add to Cursor',
      href: `cursor://anysphere.cursor-deeplink/mcp/install?name=${encodeURIComponent(target.profileSlug)}&config=${encodeURIComponent(encodeBase64(JSON.stringify({ url: target.url })))}`,
    }),
    buildBlocks: (target) => [
      {
        title: 'Add the entry with your key',
        place: '~/.cursor/mcp.json',
        language: 'json',
        text: formatJson({
          mcpServers: { [target.profileSlug]: { url: target.url, headers: { Authorization: formatBearer(target) } } },
        }),
      },
    ],
    check: 'Open Cursor settings, MCP. The profile shows a green dot and its tools.',
    limits: ['The button fills in the address only. Add the header with your key in the file.'],
  },
  {
    id: 'vs-code',
    label: 'VS Code',
    checkedOn: '2026-11-21',
    install: (target) => ({
      label: 'Add to VS Code',
      href: `vscode:mcp/install?${encodeURIComponent(JSON.stringify({ name: target.profileSlug, type: 'http', url: target.url }))}`,
    }),
    buildBlocks: (target) => [
      {
        title: 'Add the entry; VS Code asks for the key at first use',
        place: '.vscode/mcp.json',
        language: 'json',
        text: buildVsCodeFile(target),
      },
    ],
    check: 'Run "MCP: List Servers" from the command palette. The profile is running, with its tools.',
    limits: [
      'Needs VS Code 1.119.1 or newer: older versions hide what an install link contains.',
      'The button fills in the address only. Add the header with the file.',
    ],
  },
  {
    id: 'other',
    label: 'Other',
    checkedOn: '2026-11-21',
    install: null,
    buildBlocks: (target) => [
      { title: 'Endpoint', place: 'Streamable HTTP', language: 'text', text: target.url },
      {
        title: 'Header of every request',
        place: 'HTTP header',
        language: 'text',
        text: `Authorization: ${formatBearer(target)}`,
      },
      {
        title: 'As JSON, the form most clients read',
        place: 'mcpServers',
        language: 'json',
        text: formatJson({
          mcpServers: {
            [target.profileSlug]: { type: 'http', url: target.url, headers: { Authorization: formatBearer(target) } },
          },
        }),
      },
    ],
    check: 'Ask the client to list its tools. You see the tools of this profile and no others.',
    limits: ['The client must be able to send a header. A client that only signs in with OAuth cannot connect yet.'],
  },
];

/** Name of the variable that a shared project file reads the key from. No shell knows one that begins with a digit, as a profile may. */
export function getKeyVariableName(profileSlug: string): string {
  return `MCP_KEY_${profileSlug.toUpperCase().replaceAll('-', '_')}`;
}
