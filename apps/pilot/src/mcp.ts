import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import { z } from 'zod';

import type { Order, OrderBook } from './orders.ts';

const orderId = z
  .string()
  .regex(/^\d{4,8}$/)
  .describe('Order number, for example 8841');
const orderShape = {
  orderId: z.string(),
  customer: z.object({ name: z.string(), email: z.string() }),
  status: z.enum(['open', 'shipped', 'cancelled']),
  totalCents: z.number().int(),
  note: z.string(),
  trackingCode: z.string().nullable(),
};

function toToolResult(order: Order | undefined, id: string): CallToolResult {
  if (!order) return { content: [{ type: 'text', text: `There is no order ${id}.` }], isError: true };
  return { content: [{ type: 'text', text: JSON.stringify(order) }], structuredContent: { ...order } };
}

/** The orders team's MCP server: one tool each that reads, writes, destroys, and reaches the outside world. */
export function createOrdersServer(book: OrderBook): McpServer {
  const server = new McpServer({ name: 'orders', version: '1.0.0' }, { instructions: 'Tools of the orders team.' });
  server.registerTool(
    'get_order',
    {
      title: 'Get order',
      description: 'Read one order with its customer, status and total.',
      inputSchema: { orderId },
      outputSchema: orderShape,
      annotations: { readOnlyHint: true, openWorldHint: false },
    },
    (input) => toToolResult(book.find(input.orderId), input.orderId),
  );
  server.registerTool(
    'add_order_note',
    {
      title: 'Add order note',
      description: 'Replace the internal note of an order.',
      inputSchema: { orderId, note: z.string().max(2_000).describe('Text of the note; not shown to the customer') },
      outputSchema: orderShape,
      annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: false },
    },
    (input) => toToolResult(book.annotate(input.orderId, input.note), input.orderId),
  );
  server.registerTool(
    'cancel_order',
    {
      title: 'Cancel order',
      description: 'Cancel an order. This cannot be undone.',
      inputSchema: { orderId, reason: z.enum(['customer_request', 'fraud', 'out_of_stock']).describe('Why it is cancelled') },
      outputSchema: orderShape,
      annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false },
    },
    (input) => toToolResult(book.cancel(input.orderId), input.orderId),
  );
  server.registerTool(
    'email_customer',
    {
      title: 'E-mail customer',
      description: 'Send an e-mail to the customer of an order.',
      inputSchema: { orderId, subject: z.string().max(200), body: z.string().max(10_000) },
      annotations: { readOnlyHint: false, destructiveHint: false, openWorldHint: true },
    },
    (input) => {
      const order = book.find(input.orderId);
      if (!order) return toToolResult(undefined, input.orderId);
      return { content: [{ type: 'text', text: `Queued "${input.subject}" for the customer of order ${order.orderId}.` }] };
    },
  );
  return server;
}
