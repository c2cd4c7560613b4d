import { z } from 'zod';

import { isId } from '../../ui/text/is-id.ts';
import { formatDateTime } from '../../ui/text/time.ts';
import { UTC } from '../../ui/text/zone.ts';

/** What an entry of the admin log says was done. An action newer than this console reads as its code. */
const ACTION: Readonly<Record<string, string>> = {
  'tenant.create': 'Created the workspace',
  'tenant.update': 'Changed the workspace',
  'tenant.suspend': 'Suspended the workspace',
  'tenant.resume': 'Took the suspension of the workspace back',
  'tenant.request_deletion': 'Asked for the end of the workspace',
  'tenant.cancel_deletion': 'Took the end of the workspace back',
  'tenant.export': 'Exported all that is kept of the workspace',
  'admin_audit.export': 'Exported the admin log',
  'member.add': 'Added a member',
  'member.invite': 'Invited a person',
  'member.renew_invitation': 'Made a new link for an invitation',
  'member.withdraw_invitation': 'Withdrew an invitation',
  'member.join': 'Joined the workspace',
  'member.create_reset_link': 'Made a link for a new password',
  'member.reset_password': 'Chose a new password by a link',
  'account_link.prune': 'Removed old invitations and links',
  'member.change_role': 'Changed a role',
  'member.rename': 'Changed what a member is called',
  'member.give_values': 'Let a member read values of calls',
  'member.take_values': 'Took the reading of values from a member',
  'receipt.read_values': 'Read the values of a call',
  'receipt.list_values': 'Read values in the list of calls',
  'member.sign_out': 'Signed a member out',
  'member.remove': 'Removed a member',
  'group.create': 'Made a group',
  'group.update': 'Changed a group',
  'group.delete': 'Deleted a group',
  'group.add_member': 'Put a person into a group',
  'group.remove_member': 'Took a person out of a group',
  'site.create': 'Created a site',
  'site.update': 'Changed a site',
  'site.delete': 'Deleted a site',
  'join_token.create': 'Made a join token',
  'join_token.revoke': 'Revoked a join token',
  'join_token.prune': 'Removed expired join tokens',
  'agent.enrol': 'Enrolled an agent',
  'agent.revoke': 'Revoked an agent',
  'agent.update': 'Changed an agent',
  'agent.archive': 'Archived an agent',
  'agent.restore': 'Brought an archived agent back',
  'agent.quarantine': 'Quarantined an agent',
  'server.create': 'Added a server',
  'server.import_openapi': 'Imported an OpenAPI description',
  'server.disable': 'Disabled a server',
  'server.enable': 'Enabled a server',
  'server.update': 'Edited a server',
  'server.change_connection': 'Changed how or where a server is reached',
  'server.archive': 'Archived a server',
  'server.restore': 'Restored a server',
  'server.delete': 'Deleted a server',
  'server.set_limits': 'Changed how long a server may take',
  'discovery.start': 'Asked an agent to look at a server',
  'discovery.finish': 'Reported what a server offers',
  'revocation.prune': 'Removed revocations of client keys that ran out',
  'revision.prune': 'Removed revisions that nobody refers to any more',
  'server.observe': 'Saw that a server offers something else',
  'review.decide': 'Decided a review',
  'review.confirm': 'Confirmed a decision as the second person',
  'review.consent': 'Agreed to what a server offers',
  'review.take_back': 'Took a decision on a review back',
  'review.settle_finding': 'Said what a finding of a review is',
  'review.comment': 'Commented on a review',
  'review.expire': 'Let an approval lapse',
  'profile.create': 'Created a profile',
  'profile.update': 'Changed the settings of a profile',
  'profile.save_draft': 'Edited a draft',
  'profile.start_draft': 'Started a draft from a version',
  'profile.request_publish': 'Asked for a profile to be published',
  'profile.withdraw_request': 'Withdrew a request to publish',
  'profile.send_back': 'Sent a request to publish back',
  'profile.consent': 'Agreed to a new version of a profile',
  'profile.publish': 'Published a profile',
  'profile.disable': 'Turned a profile off',
  'profile.enable': 'Turned a profile on',
  'profile.archive': 'Archived a profile',
  'profile.restore': 'Took a profile out of the archive',
  'profile.delete': 'Deleted a profile',
  'profile.grant_access': 'Gave access to a profile',
  'profile.revoke_access': 'Took access to a profile',
  'profile.grant_group': 'Gave a profile to a group',
  'profile.revoke_group': 'Took a profile from a group',
  'profile.set_owner': 'Said who owns a profile',
  'server.set_owner': 'Said who owns a server',
  'profile.set_approvers': 'Said who decides on requests for a profile',
  'server.set_approvers': 'Said who approves what a server offers',
  'profile.request_access': 'Asked for access to a profile',
  'profile.withdraw_access_request': 'Withdrew a request for access',
  'profile.grant_request': 'Granted a request for access',
  'profile.refuse_request': 'Refused a request for access',
  'snapshot.refresh': 'Wrote a new configuration',
  'snapshot.renew': 'Signed the configuration again',
  'signing_key.rotate': 'Rotated the signing key',
  'client_key.create': 'Made a client key',
  'client_key.revoke': 'Revoked a client key',
  'client_key.revoke_all': 'Revoked all client keys of a person',
  'client_key.end_sessions': 'Ended the sessions of a client key',
};

export const describeAction = (action: string): string => ACTION[action] ?? action;

const OBJECT: Readonly<Record<string, string>> = {
  tenant: 'Workspace',
  receipt: 'Call',
  member: 'Member',
  invitation: 'Invitation',
  client_key: 'Client key',
  join_token: 'Join token',
  signing_key: 'Signing key',
};

/** "Client key", "Profile": what kind of thing an entry is about. */
export function describeObjectType(type: string): string {
  const words = type.replaceAll('_', ' ');
  return OBJECT[type] ?? words.charAt(0).toUpperCase() + words.slice(1);
}

/** What ids stand for, as the log says it. */
export type Named = Readonly<Record<string, { kind: string; name: string }>>;

const LONG = 64;
/** So many names of a list are said. */
const SAID = 3;

/** "name: Orders · person: Mia · tools: 4": what tells two entries apart at a glance. Ids that are nobody's name and hashes stand in the entry itself. */
export function describeDetails(details: unknown, named: Named = {}, zone = UTC): string {
  if (typeof details !== 'object' || details === null) return '';
  return Object.entries(details)
    .flatMap(([key, value]) => {
      const words = describeValue(value, named, zone);
      return words === null ? [] : [`${toWords(key)}: ${words}`];
    })
    .toSorted((a, b) => Number(b.startsWith('name:')) - Number(a.startsWith('name:')))
    .join(' · ');
}

function describeValue(value: unknown, named: Named, zone: string): string | null {
  if (value === null) return null;
  if (typeof value === 'string') {
    const name = named[value]?.name;
    return name ?? (isId(value) || value.length >= LONG ? null : toReadable(value, zone));
  }
  if (!Array.isArray(value)) return typeof value === 'object' ? null : toReadable(value, zone);
  const names = value.flatMap((each: unknown) => (typeof each === 'string' ? (named[each]?.name ?? []) : []));
  const isSaid = names.length === value.length && names.length > 0 && names.length <= SAID;
  return isSaid ? names.join(', ') : String(value.length);
}

const Details = z.record(z.string(), z.unknown());

/** "name: Orders → Order desk": of what was there before only what is otherwise now; of anything else what `describeDetails` says. Times by the clocks of `zone` (IANA name). */
export function describeChange(before: unknown, after: unknown, named: Named = {}, zone = UTC): string {
  const [was, is] = [Details.safeParse(before).data, Details.safeParse(after).data];
  if (!was || !is) return describeDetails(after ?? before, named, zone);
  const changed = Object.entries({ ...was, ...is }).filter(([key]) => JSON.stringify(was[key]) !== JSON.stringify(is[key]));
  return changed
    .flatMap(([key]) => {
      const [from, to] = [was[key], is[key]].map((value) => describeValue(value ?? null, named, zone));
      if (!from && !to) return [];
      if (!from) return [`${toWords(key)}: ${to}`];
      // a value that is only there before says what it was about, not that it went
      return [key in is ? `${toWords(key)}: ${from} → ${to ?? 'none'}` : `${toWords(key)}: ${from}`];
    })
    .join(' · ');
}

const Time = z.iso.datetime().transform((text) => new Date(text));

/** A time as people write it, by the clocks of `zone`; yes and no as words; anything else as it is. */
function toReadable(value: unknown, zone: string): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  const { data: time } = Time.safeParse(value);
  return time ? formatDateTime(time, zone) : String(value);
}

const WORDS: Readonly<Record<string, string>> = { membershipId: 'person', keyId: 'key', siteIds: 'sites' };

/** "expiresAt" as people write it: "expires at". */
const toWords = (key: string): string =>
  WORDS[key] ??
  key
    .replace(/Ids$/, 's')
    .replace(/Id$/, '')
    .replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
