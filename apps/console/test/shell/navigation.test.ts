import { expect, test } from 'vitest';

import { findActiveItem, getCrumbs } from '../../src/features/shell/navigation.ts';

const ID = '01a1fdde-4f5b-7044-a00d-3095895caa08';

test('a page belongs to the section with the longest path that it is below', () => {
  expect(findActiveItem('/')?.label).toBe('Overview');
  expect(findActiveItem('/agents/new')?.label).toBe('Agents');
  expect(findActiveItem('/audit')?.label).toBe('Audit');
  expect(findActiveItem('/audit/admin')?.label).toBe('Admin log');
  expect(findActiveItem('/audit/revocations')?.label).toBe('Revocations');
  expect(findActiveItem('/signing-keys')?.label).toBe('Signing keys');
  expect(findActiveItem(`/publish-requests/${ID}`)?.label).toBe('Profiles');
  expect(findActiveItem('/agentsfoo')).toBeUndefined();
  expect(findActiveItem('/connect')).toBeUndefined();
});

test('a breadcrumb links every part but the page itself', () => {
  expect(getCrumbs('/', null)).toEqual([{ label: 'Overview' }]);
  expect(getCrumbs('/agents/new', null)).toEqual([{ label: 'Agents', path: '/agents' }, { label: 'New' }]);
  expect(getCrumbs('/profiles/support-triage/connect', null)).toEqual([
    { label: 'Profiles', path: '/profiles' },
    { label: 'support-triage', path: '/profiles/support-triage' },
    { label: 'Connect' },
  ]);
  expect(getCrumbs('/connect', null)).toEqual([{ label: 'Connect' }]);
});

test('an id or slug in the URL is named by the object of its page', () => {
  expect(getCrumbs(`/agents/${ID}`, 'helsinki-01').at(-1)).toEqual({ label: 'helsinki-01' });
  expect(getCrumbs('/servers/orders/import', 'Orders').map(({ label }) => label)).toEqual(['Servers', 'Orders', 'Import']);
  expect(getCrumbs('/agents/new', 'Install an agent').at(-1)).toEqual({ label: 'New' });
  expect(getCrumbs(`/publish-requests/${ID}`, 'Order desk')).toEqual([
    { label: 'Profiles', path: '/profiles' },
    { label: 'Order desk' },
  ]);
  expect(getCrumbs(`/agents/${ID}`, null).at(-1)).toEqual({ label: '…' });
});
