import { expect, test } from 'vitest';

import { toAdvertisedTool } from '@gatehouse/policy/compile/advertise';
import { compileCallCheck } from '@gatehouse/policy/compile/call-check';
import { readNumber } from '@gatehouse/policy/documents/exact-number';
import { restoreDigits } from '@gatehouse/policy/schema/noted-digits';

import { readDescription } from '../src/read-description.ts';

const A = '725653563933458437';

const schema = `{ "type": "integer", "enum": [${A}, 5], "default": ${A}, "minimum": -9223372036854775808, "maximum": 9223372036854775807, "exclusiveMaximum": true }`;
const JSON_TEXT = `{ "openapi": "3.0.3", "info": {}, "x-id": "${A}", "paths": { "/a": { "get": { "operationId": "a", "parameters": [
  { "name": "id", "in": "query", "required": true, "schema": ${schema} } ] } } } }`;
const YAML_TEXT = `
openapi: 3.0.3
info: {}
paths:
  /a:
    get:
      operationId: a
      parameters:
        - { name: id, in: query, required: true, schema: { type: integer, enum: [${A}, 5], default: ${A}, minimum: -9223372036854775808,
            maximum: 9223372036854775807, exclusiveMaximum: true } }
`;
const SWAGGER = JSON_TEXT.replace('"openapi": "3.0.3"', '"swagger": "2.0"')
  .replace('"schema": {', '')
  .replace(/true \} \} \]/, 'true } ]');

test.each([
  ['JSON', JSON_TEXT],
  ['YAML', YAML_TEXT],
  ['Swagger', SWAGGER],
])('large numbers of a description in %s are those of the tool, digit for digit', (_what, text) => {
  const read = readDescription(text);
  if (!read.ok) throw new Error(read.problem);
  const [operation] = read.description.operations;
  const definition = operation?.tool?.definition;
  if (!definition) throw new Error(operation?.problem ?? 'no operation');
  // as it is stored
  const stored = JSON.parse(JSON.stringify(definition)) as typeof definition;
  const listed = toAdvertisedTool({ advertisedName: 'a', describe: null, arguments: [], definition: stored, risk: 'read' });
  expect(JSON.stringify(listed.inputSchema)).toContain(`"enum":[${A},5],"default":${A},"minimum":-9223372036854775808`);
  expect(JSON.stringify(listed)).not.toContain('gatehouse/');
  const check = compileCallCheck(restoreDigits(stored).inputSchema, []);
  expect(check({ id: readNumber(A) }).ok).toBe(true);
  expect(check({ id: readNumber('725653563933458436') }).ok).toBe(false);
  expect(check({ id: 725653563933458400 }).ok).toBe(false);
  expect(JSON.stringify(listed.inputSchema)).toContain('"exclusiveMaximum":9223372036854775807');
});

test('a YAML number in another form than that of JSON is the double that it was, and what JSON does not have is a text', () => {
  const read = readDescription(YAML_TEXT.replace('5]', '0x7fffffffffffffff, +725653563933458437, .inf]'));
  const definition = read.ok ? read.description.operations[0]?.tool?.definition : null;
  expect(JSON.stringify(definition?.inputSchema)).toContain(
    '"enum":[725653563933458400,9223372036854776000,725653563933458400,".inf"]',
  );
});
