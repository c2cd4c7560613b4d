import { z } from 'zod';

export const Role = z.enum(['owner', 'admin', 'reviewer', 'auditor', 'builder', 'member']);
export type Role = z.infer<typeof Role>;

/** What each role may do, in the order of what it may do. */
export const ROLES: readonly { value: Role; label: string; hint: string }[] = [
  { value: 'owner', label: 'Owner', hint: 'Everything, and makes other owners' },
  { value: 'admin', label: 'Admin', hint: 'Agents, servers, profiles, publishing, members' },
  { value: 'reviewer', label: 'Reviewer', hint: 'Decides reviews, reads the audit' },
  { value: 'auditor', label: 'Auditor', hint: 'Reads the audit and the admin log' },
  { value: 'builder', label: 'Builder', hint: 'Drafts servers and profiles, cannot publish' },
  { value: 'member', label: 'Member', hint: 'Connects to assigned profiles, sees own calls' },
];

export const describeRole = (role: Role): string => ROLES.find(({ value }) => value === role)?.label ?? role;

/** The roles that somebody may give: only an owner makes owners. */
export function listAssignableRoles(own: Role | undefined): typeof ROLES {
  return own === 'owner' ? ROLES : ROLES.filter(({ value }) => value !== 'owner');
}
