import { expect, test } from 'vitest';

import { authorize, isPermitted, listPermissions, listUsable, type Permission } from '../src/authz.ts';
import type { Actor } from '../src/context.ts';
import { ServiceError } from '../src/errors.ts';

type Role = Extract<Actor, { kind: 'person' }>['role'];

const makePerson = (role: Role): Extract<Actor, { kind: 'person' }> => ({ kind: 'person', userId: 'u', membershipId: 'm', role });
const agent: Actor = { kind: 'agent', agentId: 'a', siteId: 's' };
const system: Actor = { kind: 'system', job: 'renew-leases' };
const ROLES: Role[] = ['owner', 'admin', 'reviewer', 'auditor', 'builder', 'member'];

/** The role table of the product, one letter per role in the order of ROLES. */
const MATRIX: [Permission, string][] = [
  ['member.manage', 'oa    '],
  ['group.read', 'oarub '],
  ['group.manage', 'oa    '],
  ['tenant.read', 'oarub '],
  ['tenant.manage', 'oa    '],
  ['tenant.export', 'o     '],
  ['tenant.delete', 'o     '],
  ['agent.manage', 'oa    '],
  ['server.create', 'oa  b '],
  ['server.manage', 'oa    '],
  ['review.decide', 'oar   '],
  ['review.comment', 'oar b '],
  ['profile.edit', 'oa  b '],
  ['profile.publish', 'oa    '],
  ['receipt.read', 'oaru  '],
  ['receipt.values', 'o     '],
  ['receipt.own', 'oarubm'],
  ['client_key.own', 'oarubm'],
  ['client_key.manage', 'oa    '],
  ['overview.read', 'oarub '],
  ['admin_audit.read', 'oa u  '],
];

test.each(MATRIX)('%s is open to %s', (permission, row) => {
  const allowed = ROLES.filter((_, index) => row[index] !== ' ');
  expect(ROLES.filter((role) => isPermitted(makePerson(role), permission))).toEqual(allowed);
});

test('values are read by owners, and by who was given them in a role that sees calls of others', () => {
  const given = ROLES.filter((role) => isPermitted({ ...makePerson(role), readsValues: true }, 'receipt.values'));
  expect(given).toEqual(['owner', 'admin', 'reviewer', 'auditor']);
  expect(listPermissions(makePerson('auditor'))).not.toContain('receipt.values');
  expect(() => authorize({ actor: makePerson('auditor') }, 'receipt.values')).toThrow('You may not read values.');
  expect(() => authorize({ actor: makePerson('builder') }, 'receipt.values')).toThrow('Your role is builder.');
});

test('in a stopped workspace people read as before, and an owner takes its data out and its end back', () => {
  const all = listPermissions(makePerson('owner'));
  expect(listUsable(all, { isStopped: false })).toEqual(all);
  const usable = listUsable(all, { isStopped: true });
  expect(all.filter((permission) => permission.endsWith('.read') && !usable.includes(permission))).toEqual([]);
  expect(usable.filter((permission) => !permission.endsWith('.read'))).toEqual([
    'tenant.export',
    'tenant.delete',
    'profile.use',
    'receipt.values',
    'receipt.own',
    'account.own',
    'client_key.own',
    'client_key.manage',
  ]);
});

test('people never get the permissions of agents and jobs, nor these those of people', () => {
  for (const permission of ['receipt.ingest', 'config.report', 'discovery.report', 'snapshot.renew', 'record.expire'] as const) {
    expect(isPermitted(makePerson('owner'), permission)).toBe(false);
  }
  for (const permission of listPermissions(makePerson('owner'))) {
    expect(isPermitted(agent, permission)).toBe(false);
    expect(isPermitted(system, permission)).toBe(false);
  }
  expect(isPermitted(agent, 'receipt.ingest')).toBe(true);
  expect(isPermitted(agent, 'snapshot.renew')).toBe(false);
  expect(isPermitted(system, 'snapshot.renew')).toBe(true);
});

test('a refusal names the roles that may', () => {
  const attempt = () => authorize({ actor: makePerson('builder') }, 'review.decide');
  expect(attempt).toThrow(ServiceError);
  expect(attempt).toThrow('Your role is builder. This needs owner, admin, or reviewer; ask an owner of the workspace.');
});
