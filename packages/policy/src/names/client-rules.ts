import { isJsonObject, type JsonObject } from '../documents/json.ts';

/** What an AI client, or the model behind it, takes as names. One that it refuses costs it the tools of all servers. */
interface ClientRule {
  client: string;
  tool: RegExp;
  /** of an argument, where the client looks at these */
  argument: RegExp | null;
  /** where the refusal was reported or is documented */
  source: string;
}

const ARGUMENT = /^[a-zA-Z0-9_.-]{1,64}$/;

/** The strictest first. What a client takes changes with its releases: the source says when it was seen. */
export const CLIENT_RULES: readonly ClientRule[] = [
  {
    client: 'Claude Desktop',
    tool: /^[a-zA-Z0-9_-]{1,64}$/,
    argument: ARGUMENT,
    source: 'https://github.com/API-200/api200/issues/14 (2026-01)',
  },
  {
    client: 'Claude Code',
    tool: /^[a-zA-Z0-9_-]{1,128}$/,
    argument: ARGUMENT,
    source:
      'https://github.com/modelcontextprotocol/modelcontextprotocol/issues/1345 (2025-08), https://github.com/twilio-labs/mcp/issues/56 (2026-02)',
  },
  {
    client: 'GitHub Copilot CLI',
    tool: /^[a-zA-Z0-9_-]{1,128}$/,
    argument: null,
    source: 'https://github.com/github/copilot-cli/issues/1879 (2026-03)',
  },
  {
    client: 'VS Code',
    tool: /^[a-zA-Z0-9_-]+$/,
    argument: null,
    source: 'https://github.com/sxhxliang/mcp-access-point/issues/10 (2025-06)',
  },
  {
    client: 'Codex',
    tool: /^[a-zA-Z0-9_-]{1,64}$/,
    argument: null,
    source: 'https://github.com/openai/codex/issues/8174 (2025-12)',
  },
  {
    client: 'Cursor',
    tool: /^[a-zA-Z0-9_-]+$/,
    argument: null,
    source: 'https://github.com/webstudio-is/webstudio/issues/5960 (2026-07)',
  },
  {
    client: 'Gemini CLI',
    tool: /^[a-zA-Z_][a-zA-Z0-9_.:-]{0,63}$/,
    argument: null,
    source: 'https://github.com/google-gemini/gemini-cli/issues/7869 (2025-09)',
  },
];

/** The clients that refuse a tool of this name. */
export function listClientsRefusingTool(name: string): string[] {
  return CLIENT_RULES.filter(({ tool }) => !tool.test(name)).map(({ client }) => client);
}

/** Arguments that clients refuse. */
export interface RefusedArguments {
  /** as the schema has them, in its order */
  names: string[];
  clients: string[];
}

/** The arguments of a tool whose names some client refuses, and which; null when all take them. Members of arguments are not looked at by any. */
export function findRefusedArguments({ properties }: JsonObject): RefusedArguments | null {
  if (!isJsonObject(properties)) return null;
  const rules = CLIENT_RULES.flatMap(({ client, argument }) => (argument ? [{ client, argument }] : []));
  const names = Object.keys(properties).filter((name) => rules.some(({ argument }) => !argument.test(name)));
  if (names.length === 0) return null;
  const clients = rules.filter(({ argument }) => names.some((name) => !argument.test(name))).map(({ client }) => client);
  return { names, clients };
}
