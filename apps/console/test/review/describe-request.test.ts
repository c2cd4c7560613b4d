import { expect, test } from 'vitest';

import { readDescription } from '@gatehouse/openapi/read-description';

import { describeRequest } from '../../src/features/review/describe-request.ts';

test('the request behind a tool of a REST API is shown to its reviewer, with every place that an argument fills', () => {
  const text = JSON.stringify({
    openapi: '3.1.0',
    info: { title: 'A', version: '1' },
    paths: {
      '/orders/{id}': {
        put: {
          summary: 'Reads an order',
          parameters: [
            { name: 'id', in: 'path', required: true, schema: { type: 'string' } },
            { name: 'filter[x]', in: 'query', schema: { type: 'string' } },
            { name: 'X-Note', in: 'header', schema: { type: 'string' } },
          ],
          requestBody: { content: { 'application/json': { schema: {} } } },
          responses: {},
        },
        post: {
          parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
          requestBody: {
            content: {
              'multipart/form-data': { schema: { type: 'object', properties: { scan: { type: 'string', format: 'binary' } } } },
            },
          },
          responses: {},
        },
      },
    },
  });
  const read = readDescription(text);
  const findDefinition = (method: string) =>
    (read.ok ? read.description.operations.find((each) => each.method === method)?.tool?.definition : null) ?? null;
  const definition = findDefinition('PUT');
  expect(describeRequest(findDefinition('POST'))).toBe('POST /orders/{id}\nBody: multipart/form-data\nFiles: scan');
  expect(describeRequest(definition)).toBe(
    'PUT /orders/{id}\nQuery: filter[x] (argument filter_x)\nHeaders: X-Note\nBody: application/json',
  );
  expect(describeRequest({ name: 'echo', inputSchema: { type: 'object' } })).toBeNull();
  expect(describeRequest(null)).toBeNull();
});
