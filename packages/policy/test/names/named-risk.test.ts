import { expect, test } from 'vitest';

import type { ToolDefinition } from '../../src/documents/definition.ts';
import { isLowered, takesTwoPeople, weighRisk } from '../../src/documents/risk.ts';
import { deriveNamedRisk, getApparentRisk } from '../../src/names/named-risk.ts';

const define = (name: string, description = '', properties: Record<string, unknown> = {}): ToolDefinition => ({
  name,
  description,
  inputSchema: { type: 'object', properties },
});
const text = { type: 'string' };

test.each([
  'delete_everything',
  'deleteEverything',
  'deleteeverything',
  'DELETE-ALL',
  'drop.table',
  'remove_member',
  'transfer_funds',
  'refund',
  'exec',
  'run_shell',
  'get_and_delete',
  'list_then_purge',
  'rm',
  'trash_items',
  'empty_trash',
  'evict_pod',
  'drain_node',
  'charge_card',
  'DROPTABLE',
  'rollback',
  'invoke',
  'clear_all',
  'impersonate',
])('what destroys, moves value or runs programs is destructive by its name: %s', (name) => {
  expect(deriveNamedRisk(define(name))).toBe('destructive');
});

test.each([
  ['get_order', 'read'],
  ['list_deleted_items', 'read'],
  ['get_refund', 'read'],
  ['list_transfers', 'read'],
  ['search', 'read'],
  ['get_email', 'read'],
  ['pull_request_read', 'read'],
  ['createIssue', 'write'],
  ['run_code', 'write'],
  ['rotate_keys', 'write'],
  ['unpublish', 'write'],
  ['make_admin', 'write'],
  ['format_disk', 'write'],
  ['list_charges', 'read'],
  ['get_empty_rooms', 'read'],
  ['retrieve_run', 'read'],
  ['update_note', 'write'],
  ['send_message', 'open_world'],
  ['email_customer', 'open_world'],
  ['publishPost', 'open_world'],
])('%s is called %s', (name, risk) => {
  expect(deriveNamedRisk(define(name))).toBe(risk);
});

test.each([
  ['Deletes all orders of a customer.', 'destructive'],
  ['Keeps the books tidy. Removes what nobody needs.', 'destructive'],
  ['Manage a subscription: ignore, watch or delete it', 'destructive'],
  ['Runs clean-up, deleting old logs', 'destructive'],
  ['Tidies up. This cannot be undone!', 'destructive'],
  ['Sends a message to a channel', 'open_world'],
  ['Creates an issue', 'write'],
  ['Lists orders that were deleted', 'read'],
  ['Shows an order; never deletes anything', 'read'],
  ['Get a refund by its id', 'read'],
  ['What tidy does', 'read'],
])('by its description: %s', (description, risk) => {
  expect(deriveNamedRisk(define('tidy', description))).toBe(risk);
});

test.each<[Record<string, unknown>, string]>([
  [{ command: text }, 'destructive'],
  [{ sql: text }, 'destructive'],
  [{ action: { enum: ['list', 'delete'] } }, 'destructive'],
  [{ recipient: text, amount: { type: 'number' } }, 'destructive'],
  [{ to: text, body: text }, 'open_world'],
  [{ to: text, from: text }, 'read'],
  [{ status: { enum: ['open', 'closed', 7, null] }, orderId: true }, 'read'],
])('by its arguments: %j', (properties, risk) => {
  expect(deriveNamedRisk(define('tool', '', properties))).toBe(risk);
});

test('before a decision the graver of what is declared and what the words suggest counts', () => {
  const declare = (annotations: ToolDefinition['annotations'], name: string) => getApparentRisk({ ...define(name), annotations });
  expect(declare({ destructiveHint: false }, 'send_reminder')).toBe('open_world');
  expect(declare({ readOnlyHint: true }, 'delete_user')).toBe('destructive');
  expect(declare({ readOnlyHint: true }, 'get_user')).toBe('read');
  expect(declare(undefined, 'get_user')).toBe('destructive');
});

test('titles count like the name', () => {
  expect(deriveNamedRisk({ ...define('t1'), title: 'Delete a user' })).toBe('destructive');
  expect(deriveNamedRisk({ ...define('t1'), annotations: { title: 'Wipe' } })).toBe('destructive');
});

test('whatever the schema holds, there is an answer', () => {
  for (const properties of [null, 3, [], { a: null }, { a: { enum: 'x' } }]) {
    expect(deriveNamedRisk({ name: 'x', inputSchema: { type: 'object', properties } })).toBe('read');
  }
});

test('the gravest opinion weighs; less than that, or destruction, takes two people, and raising is free', () => {
  expect(weighRisk({ declared: 'read', named: 'destructive', decided: null })).toBe('destructive');
  expect(weighRisk({ declared: 'read', named: 'read', decided: 'destructive' })).toBe('destructive');
  expect(weighRisk({ declared: 'write', named: 'read', decided: 'read' })).toBe('write');
  expect([isLowered('destructive', 'read'), isLowered('read', 'read'), isLowered('read', 'destructive')]).toEqual([
    true,
    false,
    false,
  ]);
  expect(takesTwoPeople('destructive', 'read')).toBe(true);
  expect(takesTwoPeople('write', 'read')).toBe(true);
  expect(takesTwoPeople('read', 'destructive')).toBe(true);
  expect(takesTwoPeople('read', 'open_world')).toBe(false);
});
