import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';

import { z } from 'zod';

import { ordersDescription } from './openapi.ts';
import type { Order, OrderBook } from './orders.ts';

const Status = z.enum(['open', 'shipped', 'cancelled']);
const NoteBody = z.strictObject({ note: z.string().max(2_000) });

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function sendOrder(response: ServerResponse, order: Order | undefined, orderId: string): void {
  if (order) send(response, 200, order);
  else send(response, 404, { error: `There is no order ${orderId}.` });
}

/** GET /api/openapi.json, which needs no token. False when it was another request. */
export function handleDescription(request: IncomingMessage, response: ServerResponse, path: string): boolean {
  if (path !== '/api/openapi.json' || request.method !== 'GET') return false;
  send(response, 200, ordersDescription);
  return true;
}

/**
 * The orders team's REST API, as openapi.ts describes it: GET /api/orders, GET and DELETE /api/orders/{orderId} (cancels), PUT
 * /api/orders/{orderId}/note.
 */
export async function handleRest(book: OrderBook, request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> {
  const [, orderId, rest = ''] = /^\/api\/orders\/(\d{4,8})(\/note|\/invoice)?$/.exec(url.pathname) ?? [];
  switch (`${request.method} ${orderId === undefined ? url.pathname : `order${rest}`}`) {
    case 'GET /api/orders':
      return list(book, response, url.searchParams.get('status'));
    case 'GET order':
      return sendOrder(response, book.find(orderId ?? ''), orderId ?? '');
    case 'DELETE order':
      return sendOrder(response, book.cancel(orderId ?? ''), orderId ?? '');
    case 'PUT order/note':
      return replaceNote(book, request, response, orderId ?? '');
    case 'POST order/invoice':
      return send(response, 501, { error: 'Invoices are uploaded by hand for now.' });
    default:
      return send(response, 404, { error: 'No such resource. Try GET /api/orders.' });
  }
}

function list(book: OrderBook, response: ServerResponse, wanted: string | null): void {
  if (wanted === null) return send(response, 200, { orders: book.list() });
  const status = Status.safeParse(wanted);
  if (!status.success) return send(response, 400, { error: 'The status is open, shipped or cancelled.' });
  send(response, 200, { orders: book.list().filter((order) => order.status === status.data) });
}

async function replaceNote(book: OrderBook, request: IncomingMessage, response: ServerResponse, orderId: string): Promise<void> {
  const body = NoteBody.safeParse(parseJson(await text(request)));
  if (!body.success) return send(response, 400, { error: 'The body is {"note": "text of at most 2,000 characters"}.' });
  sendOrder(response, book.annotate(orderId, body.data.note), orderId);
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
