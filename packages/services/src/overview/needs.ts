import { type AgentFacts, getAgentStatus } from '../agent/status.ts';
import { isPermitted, type PersonPermission } from '../authz.ts';
import type { Actor } from '../context.ts';

/** The part of the console where a need is counted. */
type NeedSection = 'reviews' | 'profiles' | 'servers' | 'agents' | 'connect' | 'workspace';

/** What may need a person, the gravest first: who can do something about it, and where it is counted. */
const KINDS = {
  agent_quarantined: { permission: 'agent.manage', section: 'agents' },
  profile_unserved: { permission: 'agent.manage', section: 'profiles' },
  agent_refused: { permission: 'agent.manage', section: 'agents' },
  agent_left_behind: { permission: 'agent.manage', section: 'agents' },
  agent_offline: { permission: 'agent.manage', section: 'agents' },
  server_failing: { permission: 'server.manage', section: 'servers' },
  change_held: { permission: 'review.decide', section: 'reviews' },
  review_open: { permission: 'review.decide', section: 'reviews' },
  second_person: { permission: 'review.decide', section: 'reviews' },
  break_glass: { permission: 'review.decide', section: 'reviews' },
  consent_missing: { permission: 'profile.use', section: 'reviews' },
  tool_off: { permission: 'profile.edit', section: 'profiles' },
  publish_requested: { permission: 'profile.publish', section: 'workspace' },
  owned_publish: { permission: 'profile.use', section: 'workspace' },
  publish_waits: { permission: 'profile.publish', section: 'workspace' },
  approvers_gone: { permission: 'profile.publish', section: 'workspace' },
  owner_gone: { permission: 'profile.publish', section: 'workspace' },
  access_requested: { permission: 'profile.use', section: 'workspace' },
  owned_review: { permission: 'profile.use', section: 'workspace' },
  receipts_lost: { permission: 'agent.manage', section: 'agents' },
  receipts_waiting: { permission: 'agent.manage', section: 'agents' },
  agent_late: { permission: 'agent.manage', section: 'agents' },
  agent_never_connected: { permission: 'agent.manage', section: 'agents' },
  agent_behind: { permission: 'agent.manage', section: 'agents' },
  agent_withholding: { permission: 'agent.manage', section: 'agents' },
  discovery_failed: { permission: 'discovery.start', section: 'servers' },
  mail_failed: { permission: 'member.manage', section: 'workspace' },
  job_failing: { permission: 'agent.manage', section: 'workspace' },
  certificate_ending: { permission: 'agent.manage', section: 'agents' },
  approval_ending: { permission: 'review.decide', section: 'reviews' },
  client_key_ending: { permission: 'client_key.own', section: 'connect' },
  join_token_ending: { permission: 'agent.manage', section: 'agents' },
} as const satisfies Record<string, { permission: PersonPermission; section: NeedSection }>;

export type NeedKind = keyof typeof KINDS;

/** One thing that waits for somebody. Names are as people gave them; `reason` is in the words of an agent or a server: untrusted text. */
export interface Need {
  kind: NeedKind;
  /** of what it is about; with `kind` and `place` it names the need */
  id: string;
  /** name of what it is about: of the server, profile, agent, key … */
  subject: string;
  /** the screen where something can be done about it, below the workspace */
  path: string;
  /** since when; null: nobody knows */
  since: Date | null;
  /** when something ends, or ended */
  until: Date | null;
  /** name of the site, server or profile that it concerns beside the subject */
  place: string | null;
  reason: string | null;
  /** why, as one of a closed set: of `tool_off`, `OffReason`; of `profile_unserved`, `silent` where an agent may serve it unheard; of others the code of the refusal */
  code: string | null;
  /** some of what it concerns, by name: tools that are off */
  names: string[];
  /** how much of that there is */
  many: number;
}

/** A need whose further facts are none. */
export function buildNeed(need: Pick<Need, 'kind' | 'id' | 'subject' | 'path'> & Partial<Need>): Need {
  return { since: null, until: null, place: null, reason: null, code: null, names: [], many: 0, ...need };
}

/** Needs of one kind: the oldest of them, and how many there are. */
export interface NeedGroup {
  needs: readonly Need[];
  total: number;
}

/** At most so many of one kind are told; the others are counted. */
export const MOST_OF_KIND = 20;

export interface Needs {
  /** what the one who asks can do something about, the gravest kind first, within a kind the oldest */
  items: Need[];
  /** how many of each kind there are for the one who asks; a kind without any is left out */
  counts: Partial<Record<NeedKind, number>>;
  total: number;
  /** how much waits for others, whom a role or a rule names */
  others: number;
  /** what the sections of the console count: reviews that the one who asks can decide, and what is wrong whoever looks */
  sections: Record<NeedSection, number>;
}

const ORDER = Object.keys(KINDS).filter(isNeedKind);

function isNeedKind(kind: string): kind is NeedKind {
  return Object.hasOwn(KINDS, kind);
}

/**
 * The one answer to what needs a person, out of what was found: screens, counts and the sentence that nothing waits all come from here.
 * `notTheirs`: how many more were found that a rule keeps from the one who asks.
 */
export function gatherNeeds(actor: Actor, groups: ReadonlyMap<NeedKind, NeedGroup>, notTheirs: number): Needs {
  const found: Needs = {
    items: [],
    counts: {},
    total: 0,
    others: notTheirs,
    sections: { reviews: 0, profiles: 0, servers: 0, agents: 0, connect: 0, workspace: 0 },
  };
  for (const kind of ORDER) {
    const group = groups.get(kind);
    if (!group || group.total === 0) continue;
    const { permission, section } = KINDS[kind];
    const isTheirs = isPermitted(actor, permission);
    if (isTheirs || section !== 'reviews') found.sections[section] += group.total;
    if (!isTheirs) {
      found.others += group.total;
      continue;
    }
    found.counts[kind] = group.total;
    found.total += group.total;
    found.items.push(...group.needs.slice(0, MOST_OF_KIND));
  }
  return found;
}

/** Puts needs that were found one by one under their kinds. */
export function groupNeeds(needs: readonly Need[]): Map<NeedKind, NeedGroup> {
  const byKind = Map.groupBy(needs, ({ kind }) => kind);
  return new Map([...byKind].map(([kind, of]) => [kind, { needs: of.toSorted(compareAges), total: of.length }]));
}

const compareAges = (a: Need, b: Need): number => Number(a.since ?? a.until) - Number(b.since ?? b.until);

/** What is known of an agent that may need somebody. Times and numbers as the database has them. */
export interface AgentNeedFacts extends AgentFacts {
  id: string;
  name: string;
  siteName: string;
  enrolledAt: Date;
  leftBehindAt: Date | null;
  /** of the site's newest configuration; 0: none */
  desiredVersion: number;
  desiredAt: Date | null;
  ackedVersion: number;
  rejectedVersion: number | null;
  rejectedCode: string | null;
  rejectedReason: string | null;
  rejectedAt: Date | null;
  /** how many of each it leaves out of its configuration */
  withheldServers: number;
  withheldProfiles: number;
  bufferedReceipts: number;
  /** when its receipts came last */
  receivedAt: Date | null;
  lostReceipts: number;
  refusedReceipts: number;
  certificateEndsAt: Date | null;
}

/** A configuration takes a moment to arrive, and receipts to be sent: silence of this length is more than that. */
export const PATIENCE_MS = 60_000;
/** Whoever has a certificate made by a program has it renewed weeks before this. */
export const CERTIFICATE_NOTICE_MS = 14 * 24 * 3_600_000;
/** Approvals and keys that nobody has renewed are told of for so long after their end. */
export const ENDED_NOTICE_MS = 7 * 24 * 3_600_000;

/** All that needs somebody about one agent that is not revoked. */
export function listAgentNeeds(agent: AgentNeedFacts, now: Date): Need[] {
  const about = { id: agent.id, subject: agent.name, place: agent.siteName, path: `/agents/${agent.id}` };
  const needs = [...listStandingNeeds(agent, now), ...listServingNeeds(agent, now), ...listReceiptNeeds(agent, now)];
  const { certificateEndsAt: until } = agent;
  if (until !== null && until.getTime() - now.getTime() < CERTIFICATE_NOTICE_MS)
    needs.push({ kind: 'certificate_ending', until });
  return needs.map((need) => buildNeed({ ...about, ...need }));
}

type AgentNeed = Pick<Need, 'kind'> & Partial<Need>;

/** Whether it may connect, and does. */
function listStandingNeeds(agent: AgentNeedFacts, now: Date): AgentNeed[] {
  if (agent.leftBehindAt !== null && agent.quarantinedAt === null)
    return [{ kind: 'agent_left_behind', since: agent.leftBehindAt }];
  switch (getAgentStatus(agent, now)) {
    case 'Quarantined':
      return [{ kind: 'agent_quarantined', since: agent.quarantinedAt }];
    case 'Offline':
      return [{ kind: 'agent_offline', since: agent.lastSeenAt }];
    case 'Late':
      return [{ kind: 'agent_late', since: agent.lastSeenAt }];
    case 'Never connected':
      return isPast(agent.enrolledAt, now) ? [{ kind: 'agent_never_connected', since: agent.enrolledAt }] : [];
    case 'Connected':
    case 'Revoked':
      return [];
  }
}

/** Whether it runs what was published, all of it. Who is not heard of says nothing new, and is told of already. */
function listServingNeeds(agent: AgentNeedFacts, now: Date): AgentNeed[] {
  const { desiredVersion, ackedVersion, rejectedVersion, desiredAt } = agent;
  if (desiredVersion > 0 && rejectedVersion === desiredVersion) {
    const { rejectedCode: code, rejectedReason: reason, rejectedAt: since } = agent;
    return [{ kind: 'agent_refused', code, reason, since, many: desiredVersion }];
  }
  if (getAgentStatus(agent, now) !== 'Connected') return [];
  if (ackedVersion < desiredVersion)
    return desiredAt !== null && isPast(desiredAt, now)
      ? [{ kind: 'agent_behind', since: desiredAt, many: desiredVersion, code: String(ackedVersion) }]
      : [];
  const { withheldServers, withheldProfiles } = agent;
  const names = [...nameSome(withheldServers, 'server'), ...nameSome(withheldProfiles, 'profile')];
  const many = withheldServers + withheldProfiles;
  return many > 0 ? [{ kind: 'agent_withholding', many, code: String(ackedVersion), names }] : [];
}

/** "1 server", "2 servers"; nothing of none. */
function nameSome(count: number, one: string): string[] {
  return count === 0 ? [] : [`${count} ${count === 1 ? one : `${one}s`}`];
}

/** Whether what it recorded gets here. */
function listReceiptNeeds(agent: AgentNeedFacts, now: Date): AgentNeed[] {
  const { bufferedReceipts: many, receivedAt, lastSeenAt, lostReceipts, refusedReceipts } = agent;
  const lost = lostReceipts + refusedReceipts;
  const needs: AgentNeed[] = lost > 0 ? [{ kind: 'receipts_lost', many: lost }] : [];
  if (many === 0 || lastSeenAt === null) return needs;
  const isHeard = getAgentStatus(agent, now) === 'Connected';
  // what it said of its buffer when it was heard last may have come meanwhile
  const isWaiting = isHeard ? isPast(receivedAt ?? agent.enrolledAt, now) : receivedAt === null || receivedAt <= lastSeenAt;
  return isWaiting ? [...needs, { kind: 'receipts_waiting', many, since: receivedAt ?? agent.enrolledAt }] : needs;
}

function isPast(at: Date, now: Date): boolean {
  return now.getTime() - at.getTime() > PATIENCE_MS;
}
