import type { Column } from '../layout/table.tsx';
import { Badge, OutcomeChip } from '../status/badge.tsx';
import { ClockTime } from '../text/relative-time.tsx';
import { UntrustedText } from '../text/untrusted-text.tsx';
import { type CallRow, describeResult, formatMs, getCallWords } from './call-words.ts';

type CalledRow = Pick<CallRow, 'method' | 'name' | 'advertisedName' | 'nameFingerprint' | 'reasonCode' | 'server'>;

/** The name of what was used; what is not a tool says so. */
export function CalledName({ call }: { call: CalledRow }) {
  const { method, name, advertisedName, server } = call;
  const { word, unnamed } = getCallWords(call);
  if (name === null) return <span className="text-subtle">{unnamed}</span>;
  return (
    <span title={server ? `${name} · ${server.name}` : name} className="flex items-center gap-2 @max-[46rem]:flex-wrap">
      {method !== 'tools/call' && <Badge>{word}</Badge>}
      <span className="min-w-0 truncate font-mono text-xs @max-[46rem]:whitespace-normal">
        <UntrustedText text={name} />
      </span>
      {advertisedName !== null && advertisedName !== name && (
        <span className="shrink-0 text-xs text-subtle max-lg:hidden">
          as <UntrustedText text={advertisedName} oneLine />
        </span>
      )}
    </span>
  );
}

/** The arguments of a call, shortened. */
export function CallArguments({ call: { argumentsSummary } }: { call: Pick<CallRow, 'argumentsSummary'> }) {
  return (
    <span className="font-mono text-xs text-muted" title={argumentsSummary ?? undefined}>
      <UntrustedText text={argumentsSummary ?? '–'} oneLine />
    </span>
  );
}

/** Who called, by which AI client. */
export function CalledBy({ call: { person, client } }: { call: Pick<CallRow, 'person' | 'client'> }) {
  return <span title={client ?? undefined}>{person?.name ?? <span className="text-subtle">not recognised</span>}</span>;
}

/** What came of a call. */
export function CallResult({ call }: { call: Pick<CallRow, 'outcome' | 'reasonCode' | 'resultSummary'> }) {
  const text = describeResult(call);
  return (
    <span className="text-muted" title={text}>
      <UntrustedText text={text} oneLine />
    </span>
  );
}

/** What leaves a table that became narrow stands below the name instead: who, with what, and what came back. */
function NarrowLine({ call }: { call: CallRow }) {
  return (
    <span className="block text-xs text-subtle @min-[46rem]:hidden">
      <span className="@min-[30rem]:hidden">
        <CalledBy call={call} />
        {' · '}
      </span>
      <span className="font-mono">
        <UntrustedText text={call.argumentsSummary ?? '–'} />
      </span>{' '}
      → <UntrustedText text={describeResult(call)} />
    </span>
  );
}

/** A call in a row, wherever calls are listed. */
export const CALL_COLUMNS: readonly Column<CallRow>[] = [
  {
    key: 'time',
    header: 'Time',
    zoned: true,
    width: 'w-28',
    sort: { by: 'time', first: 'desc' },
    cell: ({ receivedAt }) => <ClockTime at={receivedAt} className="font-normal" />,
  },
  { key: 'who', header: 'Who', share: 'w-2/12', hideBelow: 'md', cell: (call) => <CalledBy call={call} /> },
  {
    key: 'used',
    header: 'What',
    share: 'w-4/12',
    cell: (call) => (
      <>
        <CalledName call={call} />
        <NarrowLine call={call} />
      </>
    ),
  },
  { key: 'arguments', header: 'Arguments', hideBelow: 'lg', share: 'w-3/12', cell: (call) => <CallArguments call={call} /> },
  { key: 'outcome', header: 'Outcome', cell: (call) => <OutcomeChip {...call} /> },
  { key: 'result', header: 'Result', hideBelow: 'lg', share: 'w-3/12', cell: (call) => <CallResult call={call} /> },
  {
    key: 'ms',
    header: 'ms',
    align: 'end',
    hideBelow: 'md',
    cell: ({ durationMs }) => <span className="text-subtle">{formatMs(durationMs)}</span>,
  },
];
