import type { CheckName, CheckResult, ReasonCode } from '@gatehouse/policy/decision';
import { formatLimit } from '@gatehouse/policy/documents/server-limits';

/** Why a call ended as it did, in words. */
const REASON: Record<ReasonCode, string> = {
  ok: 'ok',
  tool_error: 'the tool answered with an error',
  identity_missing: 'no key was sent',
  identity_unknown: 'the key is not known',
  identity_expired: 'the key has expired',
  identity_revoked: 'the key was revoked',
  identity_other_profile: 'the key belongs to another profile',
  session_unknown: 'the session is not known',
  profile_unknown: 'there is no such profile',
  lease_expired: 'the configuration of the agent has run out',
  agent_revoked: 'the agent was revoked',
  agent_quarantined: 'the agent is in quarantine: its key was used twice',
  tool_unknown: 'the profile has no such tool',
  prompt_unknown: 'the profile has no such prompt',
  resource_unknown: 'the profile has no such resource',
  tool_denied: 'the profile denies this tool',
  tool_not_approved: 'its definition is not approved',
  arguments_invalid: 'the arguments do not fit the schema',
  request_malformed: 'the request could not be read',
  request_too_large: 'the request is too large',
  busy: 'the agent had no room for it at the moment',
  audit_unavailable: 'the agent could not write its audit',
  credential_unavailable: 'the credential of the server is not there',
  guardrail: 'the guardrails of the agent forbid it',
  upstream_unreachable: 'the server could not be reached',
  upstream_timeout: 'the server did not answer in time',
  upstream_protocol: 'the server did not answer in MCP',
  upstream_too_large: 'the answer of the server is too large',
  cancelled: 'the client gave up',
  answer_unread: 'the server answered, and the client did not read the answer in time',
  unknown_after_crash: 'the agent stopped during the call; how it ended is not known',
  internal: 'the agent had an error of its own',
};

const CHECK: Record<CheckName, string> = {
  identity: 'Key and person',
  session: 'Session',
  profile: 'Profile',
  catalogue: 'Is in the profile',
  pin: 'Definition is the approved one',
  arguments: 'Arguments fit the schema',
  rules: 'Rule of the profile',
  intent: 'Intent on disk',
  credential: 'Credential of the server',
  upstream: 'Call of the server',
  response: 'Answer of the server',
  redaction: 'Redaction of the receipt',
};

const isReason = (code: string): code is ReasonCode => Object.hasOwn(REASON, code);

/** The words for a code; the code itself when it is newer than this console. */
export const describeReason = (code: string): string => (isReason(code) ? REASON[code] : code);

/** What a definition was compared with, by how long before the call the server had listed it; null: the server lists nothing. */
export const describeListAge = (listedMsAgo: number | null): string =>
  listedMsAgo === null ? 'made from the reviewed description' : `listed ${(listedMsAgo / 1_000).toFixed(1)} s before`;

/** Which limit of the server was reached. */
export const describeReached = ({ name, ms }: NonNullable<CheckResult['limit']>): string => `limit '${name}', ${formatLimit(ms)}`;

const HANDLED = { mark: 'marked', strip: 'taken out', pass: 'let through' } as const;

/** What a person would not have seen in an answer, and what was done with it. */
export const describeHiddenText = ({ handling, places, rules }: NonNullable<CheckResult['hiddenText']>): string =>
  `hidden text in ${places} ${places === 1 ? 'place' : 'places'} ${HANDLED[handling]}: ${rules.map((rule) => rule.replaceAll('-', ' ')).join(', ')}`;

const CHANGED = {
  null_dropped: 'empty, left out',
  text_read: 'read from text',
  json_read: 'read from JSON text',
  default_added: 'missing, default of the tool added',
} as const;

/** Which arguments were put into the form that their tool takes, and how. */
export const describeChangedArguments = ({ named, more }: NonNullable<CheckResult['changedArguments']>): string =>
  [
    ...named.map(({ path, rule }) => `${path.slice(1).replaceAll('/', '.')} ${CHANGED[rule]}`),
    ...(more === undefined ? [] : [`and ${more} more`]),
  ].join('; ');

export const describeCheck = (check: CheckName): string => CHECK[check];
