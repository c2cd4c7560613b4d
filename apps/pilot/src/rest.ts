import type { IncomingMessage, ServerResponse } from 'node:http';

import type { OrderBook } from './orders.ts';

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

/** The orders team's REST API: GET /api/orders, GET /api/orders/{orderId}, DELETE /api/orders/{orderId} (cancels). */
export function handleRest(book: OrderBook, request: IncomingMessage, response: ServerResponse, path: string): void {
  const orderId = /^\/api\/orders\/(\d{4,8})$/.exec(path)?.[1];
  if (path === '/api/orders' && request.method === 'GET') return send(response, 200, { orders: book.list() });
  if (orderId && (request.method === 'GET' || request.method === 'DELETE')) {
    const order = request.method === 'GET' ? book.find(orderId) : book.cancel(orderId);
    return order ? send(response, 200, order) : send(response, 404, { error: `There is no order ${orderId}.` });
  }
  send(response, 404, { error: 'No such resource. Try GET /api/orders.' });
}
