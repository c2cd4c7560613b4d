import { expect, test } from 'vitest';

import { activeItem, crumbs } from '../../src/features/shell/navigation.ts';

const ID = '01a1fdde-4f5b-7044-a00d-3095895caa08';

test('a page belongs to the section with the longest path that it is below', () => {
  expect(activeItem('/')?.label).toBe('Overview');
  expect(activeItem('/agents/new')?.label).toBe('Agents');
  expect(activeItem('/audit')?.label).toBe('Audit');
  expect(activeItem('/audit/admin')?.label).toBe('Admin log');
  expect(activeItem('/agentsfoo')).toBeUndefined();
  expect(activeItem('/connect')).toBeUndefined();
});

test('a breadcrumb links every part but the page itself', () => {
  expect(crumbs('/', null)).toEqual([{ label: 'Overview' }]);
  expect(crumbs('/agents/new', null)).toEqual([{ label: 'Agents', path: '/agents' }, { label: 'New' }]);
  expect(crumbs('/profiles/support-triage/connect', null)).toEqual([
    { label: 'Profiles', path: '/profiles' },
    { label: 'support-triage', path: '/profiles/support-triage' },
    { label: 'Connect' },
  ]);
  expect(crumbs('/connect', null)).toEqual([{ label: 'Connect' }]);
});

test('an id in the URL is named by the title of its page', () => {
  expect(crumbs(`/agents/${ID}`, 'helsinki-01').at(-1)).toEqual({ label: 'helsinki-01' });
  expect(crumbs(`/agents/${ID}`, null).at(-1)).toEqual({ label: '…' });
});
