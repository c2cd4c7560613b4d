import { listSchemaChanges, type SchemaChange } from '@gatehouse/policy/schema/schema-changes';

import { Badge } from '../../../ui/status/badge.tsx';
import { UntrustedText } from '../../../ui/text/untrusted-text.tsx';
import { WordDiff } from '../../../ui/text/word-diff.tsx';

/** More than a person reads; the exact JSON has all of it. */
const MOST = 100;

const WORD = { added: 'Added', removed: 'Removed', changed: 'Changed' } as const satisfies Record<SchemaChange['change'], string>;
/** Texts, whose words are compared; of everything else the whole before and after. */
const PROSE: ReadonlySet<string | null> = new Set(['description', 'title', '$comment']);

export interface SchemaChangesProps {
  before: unknown;
  after: unknown;
  /** "Changes of the arguments of get_order": unique on the page */
  label: string;
}

/** What differs between two schemas, field by field, in words. Nothing where nothing does. */
export function SchemaChanges({ before, after, label }: SchemaChangesProps) {
  const changes = listSchemaChanges(before, after);
  if (changes.length === 0) return null;
  return (
    <ul aria-label={label} className="mb-2 flex flex-col divide-y divide-line rounded-card border border-line bg-surface text-xs">
      {changes.slice(0, MOST).map((change, index) => (
        <li key={index} className="flex flex-wrap items-baseline gap-x-3 gap-y-1 px-3 py-1.5">
          <Badge tone={change.change === 'removed' ? 'danger' : 'info'}>{WORD[change.change]}</Badge>
          <span className="min-w-0 font-mono font-medium">
            <UntrustedText text={change.field === '' ? 'all of it' : change.field} isName />
          </span>
          <What change={change} />
        </li>
      ))}
      {changes.length > MOST && <li className="px-3 py-1.5 text-muted">And {changes.length - MOST} more: see the exact JSON.</li>}
    </ul>
  );
}

function What({ change: { what, before, after } }: { change: SchemaChange }) {
  if (what === null) {
    return (
      <span className="min-w-0 text-muted">
        <UntrustedText text={after ?? before ?? ''} />
      </span>
    );
  }
  if (PROSE.has(what) && before !== null && after !== null) {
    return (
      <div className="min-w-0 basis-full">
        <span className="text-subtle">{what}: </span>
        <WordDiff before={before} after={after} />
      </div>
    );
  }
  return (
    <span className="min-w-0 wrap-anywhere">
      <span className="text-subtle">
        <UntrustedText text={what} />:{' '}
      </span>
      <del className="text-danger-fg">
        <UntrustedText text={before ?? 'none'} />
      </del>{' '}
      <span aria-hidden="true">→</span> <span className="sr-only">is now</span>{' '}
      <ins className="text-ok-fg no-underline">
        <UntrustedText text={after ?? 'none'} />
      </ins>
    </span>
  );
}
