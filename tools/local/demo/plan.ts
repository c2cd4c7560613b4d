import type { Role } from '@gatehouse/db/client';

/** Everything that the demo sets up, as data. A company, its people, its servers, two workflows. */
export const tenant = { slug: 'acme', name: 'Acme' } as const;
export const site = { slug: 'local', name: 'Local machine' } as const;
export const agentName = 'local-01';

export const people: ReadonlyArray<{ role: Role; name: string; email: string }> = [
  { role: 'owner', name: 'Olivia Owner', email: 'owner@acme.example' },
  { role: 'admin', name: 'Adam Admin', email: 'admin@acme.example' },
  { role: 'reviewer', name: 'Rita Reviewer', email: 'reviewer@acme.example' },
  { role: 'auditor', name: 'Ari Auditor', email: 'auditor@acme.example' },
  { role: 'builder', name: 'Bea Builder', email: 'builder@acme.example' },
  { role: 'member', name: 'Max Member', email: 'member@acme.example' },
];

export type Risk = 'read' | 'write' | 'destructive' | 'open_world';

/** What the reviewer decides per tool; a tool that is not named is rejected. */
export interface ToolReview {
  risk: Risk;
  logArguments?: string[];
}

export interface DemoServer {
  slug: string;
  name: string;
  purpose: string;
  /** of the reviewer, where a tool counts as less than it seems; a second person reads it */
  reason: string;
  tools: Record<string, ToolReview>;
}

export const servers = {
  orders: {
    slug: 'orders',
    name: 'Orders',
    purpose: 'Look up and annotate customer orders.',
    reason: 'Tried against the orders system: a note can be taken back, an order cannot.',
    tools: {
      get_order: { risk: 'read', logArguments: ['/orderId'] },
      add_order_note: { risk: 'write', logArguments: ['/orderId'] },
      cancel_order: { risk: 'destructive', logArguments: ['/orderId', '/reason'] },
      email_customer: { risk: 'open_world', logArguments: ['/orderId'] },
    },
  },
  ordersApi: {
    slug: 'orders-api',
    name: 'Orders API',
    purpose: 'The REST API of the orders team, for what its MCP server does not offer.',
    reason: 'Replacing a note keeps the one before in the history of the order.',
    tools: {
      listOrders: { risk: 'read', logArguments: ['/status'] },
      getOrder: { risk: 'read', logArguments: ['/orderId'] },
      replaceOrderNote: { risk: 'write', logArguments: ['/orderId'] },
    },
  },
  everything: {
    slug: 'everything',
    name: 'Everything',
    purpose: 'The reference server of the protocol: try every kind of answer.',
    reason: 'The reference server does not say what its tools do; these only answer.',
    tools: {
      echo: { risk: 'read' },
      'get-sum': { risk: 'read' },
      'get-structured-content': { risk: 'read', logArguments: ['/location'] },
    },
  },
  files: {
    slug: 'files',
    name: 'Research files',
    purpose: 'Read the research folder.',
    reason: 'The folder holds copies, so what is overwritten is not lost.',
    tools: {
      read_text_file: { risk: 'read', logArguments: ['/path'] },
      list_directory: { risk: 'read', logArguments: ['/path'] },
      search_files: { risk: 'read' },
      write_file: { risk: 'write', logArguments: ['/path'] },
    },
  },
} as const satisfies Record<string, DemoServer>;

export type ServerKey = keyof typeof servers;

export interface DemoTool {
  server: ServerKey;
  name: string;
  rename?: string;
  describe?: string;
  denyReason?: string;
}

export interface DemoProfile {
  slug: string;
  name: string;
  description: string;
  tools: DemoTool[];
}

export const profiles: readonly DemoProfile[] = [
  {
    slug: 'support',
    name: 'Support',
    description: 'Answer questions about orders. Reading and notes only.',
    tools: [
      { server: 'orders', name: 'get_order', rename: 'find_order', describe: 'Look up one order by its number.' },
      { server: 'orders', name: 'add_order_note' },
      {
        server: 'orders',
        name: 'cancel_order',
        denyReason: 'Orders are cancelled by the refunds team. Ask them in the refunds queue and give the order number.',
      },
      { server: 'ordersApi', name: 'listOrders', rename: 'list_orders' },
      { server: 'everything', name: 'echo' },
    ],
  },
  {
    slug: 'research',
    name: 'Research',
    description: 'Read the research folder and try the reference server.',
    tools: [
      { server: 'files', name: 'read_text_file' },
      { server: 'files', name: 'list_directory' },
      { server: 'files', name: 'search_files' },
      { server: 'everything', name: 'get-sum', rename: 'add_numbers' },
      { server: 'everything', name: 'get-structured-content', rename: 'weather' },
    ],
  },
];

/** The first governed call: who makes it, through which profile, with what. */
export const firstCall = {
  profile: 'support',
  caller: 'member@acme.example',
  tool: 'find_order',
  arguments: { orderId: '8841' },
} as const;
