/** The two forms of MCP: `legacy` opens a session first, `modern` has none and says everything with every request. */
export type Era = 'legacy' | 'modern';

export const MODERN_VERSION = '2026-07-28';
export const NEWEST_LEGACY_VERSION = '2025-11-25';

/** The revisions of MCP that the agent speaks, newest first. */
export const MODERN_VERSIONS: readonly string[] = [MODERN_VERSION];
export const LEGACY_VERSIONS: readonly string[] = [NEWEST_LEGACY_VERSION, '2025-06-18', '2025-03-26', '2024-11-05'];

/** Names of requests, of both eras, from clients to servers and back. */
export const METHOD = {
  initialize: 'initialize',
  ping: 'ping',
  discover: 'server/discover',
  listTools: 'tools/list',
  callTool: 'tools/call',
  listPrompts: 'prompts/list',
  getPrompt: 'prompts/get',
  listResources: 'resources/list',
  listTemplates: 'resources/templates/list',
  readResource: 'resources/read',
  subscribe: 'resources/subscribe',
  unsubscribe: 'resources/unsubscribe',
  complete: 'completion/complete',
  setLogLevel: 'logging/setLevel',
  listen: 'subscriptions/listen',
  createMessage: 'sampling/createMessage',
  elicit: 'elicitation/create',
  listRoots: 'roots/list',
} as const;

export const NOTIFICATION = {
  initialized: 'notifications/initialized',
  cancelled: 'notifications/cancelled',
  progress: 'notifications/progress',
  message: 'notifications/message',
  toolsChanged: 'notifications/tools/list_changed',
  promptsChanged: 'notifications/prompts/list_changed',
  resourcesChanged: 'notifications/resources/list_changed',
  resourceUpdated: 'notifications/resources/updated',
  rootsChanged: 'notifications/roots/list_changed',
  elicitationComplete: 'notifications/elicitation/complete',
  subscriptionsAcknowledged: 'notifications/subscriptions/acknowledged',
} as const;

/** HTTP headers of MCP, in lower case as Node gives them. */
export const HEADER = {
  sessionId: 'mcp-session-id',
  protocolVersion: 'mcp-protocol-version',
  method: 'mcp-method',
  name: 'mcp-name',
} as const;

/** Keys of `_meta` that the newer protocol itself defines. */
export const META = {
  protocolVersion: 'io.modelcontextprotocol/protocolVersion',
  clientCapabilities: 'io.modelcontextprotocol/clientCapabilities',
  clientInfo: 'io.modelcontextprotocol/clientInfo',
  logLevel: 'io.modelcontextprotocol/logLevel',
  serverInfo: 'io.modelcontextprotocol/serverInfo',
  subscriptionId: 'io.modelcontextprotocol/subscriptionId',
} as const;

/** The extension for tasks, as clients and servers declare it in their capabilities. */
export const TASKS_EXTENSION = 'io.modelcontextprotocol/tasks';

/** From the most to the least talkative. */
export const LOG_LEVELS: readonly string[] = ['debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency'];

/** Error codes of JSON-RPC and of MCP. */
export const RpcCode = {
  parseError: -32700,
  invalidRequest: -32600,
  methodNotFound: -32601,
  invalidParams: -32602,
  internal: -32603,
  /** of the older protocol's transport: refused before any method was looked at */
  refused: -32000,
  sessionNotFound: -32001,
  /** of the older protocol; the newer one says invalidParams */
  resourceNotFound: -32002,
  /** of the older protocol: the client has to open a page first */
  urlElicitationRequired: -32042,
  headerMismatch: -32020,
  missingCapability: -32021,
  unsupportedVersion: -32022,
} as const;
