import type { ApiOutput } from '../../trpc/client.tsx';
import type { Tone } from '../../ui/status/badge.tsx';
import { StatusDot } from '../../ui/status/status-dot.tsx';

/** What `server.get` gives. */
export type ServerDetail = ApiOutput['server']['get'];
export type ServerState = ServerDetail['state'];

const STATE: Record<ServerState, { tone: Tone; hollow?: boolean }> = {
  'Not looked at': { tone: 'neutral', hollow: true },
  'Needs review': { tone: 'warn' },
  Approved: { tone: 'ok' },
  'Change held': { tone: 'warn' },
  Unreachable: { tone: 'danger' },
  Withheld: { tone: 'warn' },
  Disabled: { tone: 'neutral', hollow: true },
  Archived: { tone: 'neutral', hollow: true },
  Rejected: { tone: 'danger' },
  Expired: { tone: 'warn' },
};

/** The one word for a server's state. */
export function ServerStateDot({ state }: { state: ServerState }) {
  return <StatusDot word={state} {...STATE[state]} />;
}
