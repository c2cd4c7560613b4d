import type { ApiOutput } from '../../trpc/client.tsx';
import { describeCount } from '../../ui/text/count.ts';

export type Needs = ApiOutput['overview']['needs'];
export type Need = Needs['items'][number];

interface NeedWords {
  /** before the subject, where the sentence does not begin with it */
  before?: string;
  /** after the subject */
  after: string;
  /** before the time at which something ends, and when that is past */
  ends?: [future: string, past: string];
  /** of the button that leads to the screen */
  action: string;
}

const OFF: Readonly<Record<string, string>> = {
  changed: 'defines it otherwise now',
  gone: 'does not offer it any more',
  rejected: 'has it, and it was rejected',
  lapsed: 'has it, and its approval has ended',
  disabled: 'is disabled',
  archived: 'is archived',
  elsewhere: 'is not at a site of the profile any more',
};

/** "a, b and 3 more". */
export function listSome(names: readonly string[], many: number): string {
  const more = many - names.length;
  if (more > 0) return `${names.join(', ')} and ${more} more`;
  return new Intl.ListFormat('en', { type: 'conjunction' }).format(names);
}

/** What a need is in a sentence around its subject. What agents and servers said is not in it: that is shown as text of theirs. */
export function describeNeed(need: Need): NeedWords {
  const { many, place } = need;
  switch (need.kind) {
    case 'change_held':
      return {
        after: `changed ${listSome(need.names, many)}. The change is held until somebody decides.`,
        action: 'See the change',
      };
    case 'review_open':
      return { after: 'waits for a review. What is new stays off until then.', action: 'Review' };
    case 'second_person':
      return { after: `waits for a second person: ${place ?? 'somebody'} has decided.`, action: 'Review' };
    case 'break_glass':
      return {
        before: `Break-glass: ${place ?? 'an owner'} approved`,
        after: 'alone.',
        ends: ['Unless a second person confirms it, it is off from', 'It is off since'],
        action: 'Review',
      };
    case 'approval_ending':
      return {
        after: `has ${describeCount(many, 'approval')} that`,
        ends: ['end on', 'ended on'],
        action: 'Look at it',
      };
    case 'profile_unserved':
      return { after: describeUnserved(need), action: 'Open' };
    case 'tool_off':
      return {
        after: `publishes ${listSome(need.names, many)}, which ${many === 1 ? 'is' : 'are'} off: ${place} ${OFF[need.code ?? ''] ?? 'does not have it approved'}.`,
        action: need.path.startsWith('/reviews/') ? 'See the change' : 'Open',
      };
    case 'server_failing':
      return {
        after: `cannot be reached by ${many > 1 ? `${place} and ${describeCount(many - 1, 'more agent')}` : place}`,
        action: 'See why',
      };
    case 'discovery_failed':
      return { after: 'was never reached: the look at it failed', action: 'See why' };
    case 'client_key_ending':
      return { before: 'Your key', after: `for ${place}`, ends: ['ends on', 'ended on'], action: 'Make a new one' };
    default:
      return describeRequest(need) ?? describeOperation(need) ?? describeAgentNeed(need);
  }
}

/** What the control plane itself fails at; null: it is another kind. */
function describeOperation({ kind, code, many }: Need): NeedWords | null {
  switch (kind) {
    case 'mail_failed':
      return {
        before: code === 'reset' ? 'The mail with a new password for' : 'The invitation of',
        after: 'was not taken by the mail server. Send it again, or make a link and hand it over.',
        action: 'Open members',
      };
    case 'job_failing':
      return {
        before: 'The control plane fails at',
        after: `for the ${many}. time in a row. Its operator finds why in the worker's log.`,
        action: 'Open',
      };
    default:
      return null;
  }
}

/** An agent that is not heard of goes on serving what it has. */
function describeUnserved({ code, place }: Need): string {
  return `${code === 'silent' ? 'may not be served' : 'is not served'} at ${place}: no agent there is heard of.`;
}

/** What somebody has asked for, and what waits for an owner; null: it is another kind. */
function describeRequest({ kind, place, code }: Need): NeedWords | null {
  switch (kind) {
    case 'publish_requested':
      return { after: `waits to be published: ${place} has asked for it`, action: 'Look at it' };
    case 'owned_publish':
      return {
        after: `is yours, and ${place} would publish a new version. Agree to it, or send it back.`,
        action: 'Look at it',
      };
    case 'publish_waits':
      return { after: `waits for ${place ?? 'its owner'} to agree to a new version`, action: 'Look at it' };
    case 'access_requested':
      return { after: `is asked for by ${place}`, action: 'Decide' };
    case 'approvers_gone':
      return {
        after: `has no approver any more who could decide${code === 'server' ? ' its reviews' : ' who gets it'}. Name somebody, or nobody.`,
        action: 'Name somebody',
      };
    case 'owner_gone':
      return { after: `was owned by ${place}: nobody answers for it now. Name somebody, or nobody.`, action: 'Name somebody' };
    case 'consent_missing':
      return { after: `waits for its owner to agree: ${place ?? 'somebody'} has decided.`, action: 'Look at it' };
    case 'owned_review':
      return {
        after:
          'is yours and waits for a review. Look at what it offers: agree where you are asked, or tell the reviewers what you think.',
        action: 'Look at it',
      };
    default:
      return null;
  }
}

/** What is wrong with an agent. */
function describeAgentNeed({ kind, many, code, names, place }: Need): NeedWords {
  const see = 'See why';
  switch (kind) {
    case 'agent_quarantined':
      return { after: `at ${place} is quarantined: its key was used twice.`, action: see };
    case 'agent_refused':
      return { after: `at ${place} refused configuration v${many}`, action: see };
    case 'agent_left_behind':
      return { after: `at ${place} is too old to be let in.`, action: see };
    case 'agent_offline':
      return { after: `at ${place} is offline.`, action: 'Open' };
    case 'agent_late':
      return { after: `at ${place} is late.`, action: 'Open' };
    case 'agent_never_connected':
      return { after: `at ${place} was enrolled and has never connected.`, action: 'Open' };
    case 'agent_behind':
      return {
        after: `at ${place} serves ${code === '0' ? 'nothing yet' : `v${code}`}; v${many} was published.`,
        action: 'Open',
      };
    case 'agent_withholding':
      return { after: `at ${place} serves configuration v${code} without ${listSome(names, names.length)}.`, action: see };
    case 'receipts_waiting':
      return { after: `holds ${describeCount(many, 'receipt')} that did not arrive. Audit may lack calls.`, action: 'Open' };
    case 'receipts_lost':
      return { after: `lost ${describeCount(many, 'receipt')}. Audit lacks these calls for good.`, action: 'Open' };
    case 'join_token_ending':
      return { after: `at ${place} has not come. Its join token`, ends: ['ends at', 'ended at'], action: 'Open' };
    case 'certificate_ending':
      return { after: `at ${place} has a certificate that`, ends: ['ends on', 'ended on'], action: 'Open' };
    default:
      return { after: 'needs somebody.', action: 'Open' };
  }
}

type Agent = ApiOutput['agent']['list']['rows'][number];

/** True when there is an agent, and every one that is not revoked is heard of and runs the whole of its newest configuration. */
export function isInStep(
  agents: readonly Pick<Agent, 'status' | 'revokedAt' | 'ackedVersion' | 'desiredVersion' | 'withheldCount'>[],
): boolean {
  const all = agents.filter(({ revokedAt }) => revokedAt === null);
  return (
    all.length > 0 &&
    all.every(
      ({ status, ackedVersion, desiredVersion, withheldCount }) =>
        status === 'Connected' && desiredVersion > 0 && ackedVersion === desiredVersion && withheldCount === 0,
    )
  );
}

/** The sentence in place of a list; only for an answer that holds nothing for the one who asks. */
export function describeCalm({ total, others }: Pick<Needs, 'total' | 'others'>, inStep: boolean): string | null {
  if (total > 0) return null;
  if (others > 0) return `Nothing waits for you. ${others === 1 ? 'One thing waits' : `${others} things wait`} for others.`;
  return inStep ? 'Nothing waits for anybody. Every agent runs what was published.' : 'Nothing waits for anybody.';
}
