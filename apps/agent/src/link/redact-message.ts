import { removeUnseen } from '@gatehouse/policy/findings/remove-unseen';
import { mapTexts } from '@gatehouse/protocol/left-out';
import type { AgentMessage, Offer } from '@gatehouse/protocol/messages';
import { TEXT_LIMITS } from '@gatehouse/protocol/text-limits';
import { redactMachineName } from '@gatehouse/redaction/machine-name';

type Redact = (text: string) => string;
type Clean = (text: string, field: keyof typeof TEXT_LIMITS) => string;

/**
 * The message with every text in which others than this agent may speak redacted, without what nobody would see in it, then cut to what its field holds. Not
 * before: a cut could leave half of a secret, which nothing recognises.
 */
export function redactMessage(message: AgentMessage, redactText: Redact): AgentMessage {
  const redact = (text: string) => redactText(removeUnseen(text));
  const clean = (text: string, field: keyof typeof TEXT_LIMITS) => cutText(redact(text), TEXT_LIMITS[field]);
  const cleanReason = <T extends { message: string }>(told: T): T => ({ ...told, message: clean(told.message, 'reason') });
  switch (message.type) {
    case 'authenticate': {
      const { agentVersion, hostname, platform } = message;
      return {
        ...message,
        agentVersion: clean(agentVersion, 'agentVersion'),
        hostname: cutText(redactMachineName(removeUnseen(hostname)), TEXT_LIMITS.hostname),
        platform: clean(platform, 'platform'),
      };
    }
    case 'config-status': {
      const { error, withheld } = message;
      return { ...message, error: error && cleanReason(error), ...(withheld && { withheld: withheld.map(cleanReason) }) };
    }
    case 'discovery-progress':
      return message.detail === undefined ? message : { ...message, detail: clean(message.detail, 'detail') };
    case 'discovery-result': {
      const { outcome } = message;
      return { ...message, outcome: outcome.status === 'failed' ? cleanReason(outcome) : redactOffer(outcome, clean) };
    }
    case 'definitions-observed':
      return { ...message, offer: redactOffer(message.offer, clean) };
    case 'heartbeat':
      return {
        ...message,
        // a name is chosen as it is: one that is no name is left out
        stdioEntries: message.stdioEntries.filter((name) => redact(name) === name),
        servers: message.servers.map(({ error, protocolVersion, ...server }) => ({
          ...server,
          error: error && clean(error, 'healthError'),
          protocolVersion: protocolVersion && clean(protocolVersion, 'protocolVersion'),
        })),
      };
    case 'rejected':
      return { ...message, of: message.of && clean(message.of, 'rejectedType'), message: clean(message.message, 'rejection') };
    // these have fields of a fixed form only, and receipts are redacted when they are written: changed, they would not fit into their chain
    case 'part-request':
    case 'keyset-status':
    case 'revocations-status':
    case 'revocations-back':
    case 'audit-batch':
      return message;
  }
}

/** What a server calls itself, and what is said of what it lists. Its definitions are pinned as they are. */
function redactOffer<T extends Offer>(offer: T, clean: Clean): T {
  const { name, version, title } = offer.serverInfo;
  return {
    ...offer,
    ...(offer.leftOut && {
      leftOut: {
        ...offer.leftOut,
        parts: offer.leftOut.parts.map((part) => mapTexts(part, (text, field) => clean(text, LEFT_OUT_FIELDS[field]))),
      },
    }),
    protocolVersion: clean(offer.protocolVersion, 'protocolVersion'),
    serverInfo: {
      name: clean(name, 'serverName'),
      version: clean(version, 'serverVersion'),
      ...(title !== undefined && { title: clean(title, 'serverName') }),
    },
  };
}

/** The bound of each text of what was left out. */
const LEFT_OUT_FIELDS = {
  name: 'leftOutName',
  pointer: 'leftOutPointer',
  keyword: 'leftOutKeyword',
  reason: 'reason',
} as const satisfies Record<string, keyof typeof TEXT_LIMITS>;

/** A text that is too long says so: its beginning and an ellipsis, never with half of a character. */
function cutText(text: string, length: number): string {
  if (text.length <= length) return text;
  return `${text.slice(0, length - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}
