import { z } from 'zod';

/** The revision whose requests carry everything about themselves. */
export const MODERN_VERSION = '2026-07-28';
/** The newest revision that has sessions. */
export const LEGACY_VERSION = '2025-11-25';

const OTHER_TOOLS = [
  'find_order',
  'list_orders',
  'order_history',
  'find_customer',
  'customer_notes',
  'stock_level',
  'open_cases',
];

/** What the reference upstream offers: `echo`, which the load calls, and a handful beside it so that lists have a usual size. */
export const TOOLS = ['echo', ...OTHER_TOOLS].map((name) => ({
  name,
  description: `Answers with the text that it was given (${name}).`,
  inputSchema: {
    type: 'object' as const,
    properties: { text: { type: 'string', maxLength: 2_000_000, description: 'What is answered' } },
    required: ['text'],
    additionalProperties: false,
  },
  annotations: { readOnlyHint: true, openWorldHint: false },
}));

export const Message = z.object({
  id: z.union([z.string(), z.number()]).optional(),
  method: z.string().optional(),
  params: z.record(z.string(), z.unknown()).optional(),
});
export type Message = z.infer<typeof Message>;

export interface Answer {
  jsonrpc: '2.0';
  id: string | number;
  result?: Record<string, unknown>;
  error?: { code: number; message: string };
}

const SERVER_INFO = { name: 'bench-upstream', version: '1.0.0' };
const MODERN = { resultType: 'complete', _meta: { 'io.modelcontextprotocol/serverInfo': SERVER_INFO } };
const CACHING = { ttlMs: 60_000, cacheScope: 'public' };

/** The answer of the reference server to a message of either era; null for what is not answered. */
export function answerTo({ id, method, params = {} }: Message): Answer | null {
  if (id === undefined || method === undefined) return null;
  const result = buildResult(method, params, isModern(params));
  if (!result) return { jsonrpc: '2.0', id, error: { code: -32601, message: 'Method not found' } };
  return { jsonrpc: '2.0', id, result };
}

/** Whether a request belongs to the newer era: its `_meta` says so. */
export function isModern(params: Record<string, unknown>): boolean {
  const meta = params['_meta'];
  return typeof meta === 'object' && meta !== null && 'io.modelcontextprotocol/protocolVersion' in meta;
}

function buildResult(method: string, params: Record<string, unknown>, modern: boolean): Record<string, unknown> | null {
  switch (method) {
    case 'tools/call':
      return { content: [{ type: 'text', text: getText(params['arguments']) }], ...(modern ? MODERN : {}) };
    case 'tools/list':
      return { tools: TOOLS, ...(modern ? { ...MODERN, ...CACHING } : {}) };
    case 'initialize':
      if (modern) return null;
      return {
        protocolVersion: negotiateVersion(params['protocolVersion']),
        capabilities: { tools: {} },
        serverInfo: SERVER_INFO,
      };
    case 'server/discover':
      return modern ? { ...MODERN, ...CACHING, supportedVersions: [MODERN_VERSION], capabilities: { tools: {} } } : null;
    case 'ping':
      return {};
    default:
      return null;
  }
}

const SUPPORTED = ['2024-11-05', '2025-03-26', '2025-06-18', LEGACY_VERSION];

function negotiateVersion(wanted: unknown): string {
  return typeof wanted === 'string' && SUPPORTED.includes(wanted) ? wanted : LEGACY_VERSION;
}

function getText(args: unknown): unknown {
  return typeof args === 'object' && args !== null && 'text' in args ? args.text : null;
}
