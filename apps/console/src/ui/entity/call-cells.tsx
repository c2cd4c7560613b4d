import { Badge } from '../status/badge.tsx';
import { UntrustedText } from '../text/untrusted-text.tsx';
import { type CallRow, describeResult, getCallWords } from './call-words.ts';

type CalledRow = Pick<CallRow, 'method' | 'name' | 'advertisedName' | 'nameFingerprint' | 'server'>;

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

/** What came of a call. */
export function CallResult({ call }: { call: Pick<CallRow, 'outcome' | 'reasonCode' | 'resultSummary'> }) {
  const text = describeResult(call);
  return (
    <span className="text-muted" title={text}>
      <UntrustedText text={text} oneLine />
    </span>
  );
}
