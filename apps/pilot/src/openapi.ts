const orderId = {
  name: 'orderId',
  in: 'path',
  required: true,
  description: 'Order number, for example 8841',
  schema: { type: 'string', pattern: '^\\d{4,8}$' },
};
const buildJsonContent = (schema: unknown) => ({ content: { 'application/json': { schema } } });
const order = { description: 'The order', ...buildJsonContent({ $ref: '#/components/schemas/Order' }) };
const buildProblemResponse = (description: string) => ({
  description,
  ...buildJsonContent({ $ref: '#/components/schemas/Problem' }),
});

/** The description of the orders team's REST API, as it is served at /api/openapi.json. */
export const ordersDescription = {
  openapi: '3.1.0',
  info: { title: 'Orders API', version: '1.0.0', description: 'Orders of the shop.' },
  servers: [{ url: '/api' }],
  security: [{ token: [] }],
  tags: [{ name: 'orders', description: 'Orders of customers' }],
  paths: {
    '/orders': {
      get: {
        operationId: 'listOrders',
        tags: ['orders'],
        summary: 'List orders',
        description: 'All orders, or those with one status.',
        parameters: [
          {
            name: 'status',
            in: 'query',
            description: 'Only orders with this status',
            schema: { $ref: '#/components/schemas/Status' },
          },
        ],
        responses: {
          200: {
            description: 'The orders',
            ...buildJsonContent({
              type: 'object',
              properties: { orders: { type: 'array', items: { $ref: '#/components/schemas/Order' } } },
              required: ['orders'],
            }),
          },
          400: buildProblemResponse('The status is unknown'),
        },
      },
    },
    '/orders/{orderId}': {
      parameters: [orderId],
      get: {
        operationId: 'getOrder',
        tags: ['orders'],
        summary: 'Get order',
        description: 'Read one order with its customer, status and total.',
        responses: { 200: order, 404: buildProblemResponse('There is no such order') },
      },
      delete: {
        operationId: 'cancelOrder',
        tags: ['orders'],
        summary: 'Cancel order',
        description: 'Cancel an order. This cannot be undone.',
        responses: { 200: order, 404: buildProblemResponse('There is no such order') },
      },
    },
    '/orders/{orderId}/note': {
      parameters: [orderId],
      put: {
        operationId: 'replaceOrderNote',
        tags: ['orders'],
        summary: 'Replace order note',
        description: 'Replace the internal note of an order.',
        requestBody: {
          required: true,
          ...buildJsonContent({
            type: 'object',
            properties: {
              note: { type: 'string', maxLength: 2_000, description: 'Text of the note; not shown to the customer' },
            },
            required: ['note'],
            additionalProperties: false,
          }),
        },
        responses: {
          200: order,
          400: buildProblemResponse('The note is missing or too long'),
          404: buildProblemResponse('There is no such order'),
        },
      },
    },
    '/orders/{orderId}/invoice': {
      parameters: [orderId],
      post: {
        operationId: 'uploadInvoice',
        tags: ['orders'],
        summary: 'Upload invoice',
        requestBody: { content: { 'multipart/mixed': { schema: { type: 'object' } } } },
        responses: { 501: buildProblemResponse('Invoices are uploaded by hand for now') },
      },
    },
  },
  components: {
    securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
    schemas: {
      Status: { type: 'string', enum: ['open', 'shipped', 'cancelled'] },
      Order: {
        type: 'object',
        properties: {
          orderId: { type: 'string' },
          customer: {
            type: 'object',
            properties: { name: { type: 'string' }, email: { type: 'string' } },
            required: ['name', 'email'],
          },
          status: { $ref: '#/components/schemas/Status' },
          totalCents: { type: 'integer' },
          note: { type: 'string' },
          trackingCode: { type: ['string', 'null'] },
        },
        required: ['orderId', 'customer', 'status', 'totalCents', 'note', 'trackingCode'],
      },
      Problem: { type: 'object', properties: { error: { type: 'string' } }, required: ['error'] },
    },
  },
} as const;
