import type { PublishedProfile } from '@gatehouse/policy/documents/profile';

import { cn } from '../../../ui/cn.ts';
import { listSettingChanges, listVersionChanges, type VersionChange, type VersionContent } from './version-changes.ts';

export interface VersionChangesProps {
  /** what it is compared with: "Different from version 3" */
  title: string;
  after: VersionContent;
  /** null: it is the first version */
  before: PublishedProfile | null;
}

const LOOK: Record<VersionChange['change'], { word: string; sign: string; colour: string }> = {
  added: { word: 'Adds', sign: '+', colour: 'text-ok-fg' },
  removed: { word: 'Removes', sign: '−', colour: 'text-danger-fg' },
  changed: { word: 'Changes', sign: '~', colour: 'text-info-fg' },
};

/** What a version changes against another one, in words: the one way in which drafts and versions are compared. */
export function VersionChanges({ title, after, before }: VersionChangesProps) {
  const changes = listVersionChanges(after, before);
  const settings = listSettingChanges(after, before);
  return (
    <section aria-label={title}>
      <h3 className="mb-1.5 text-xs font-medium text-subtle">{title}</h3>
      <ul className="divide-y divide-line rounded-card border border-line bg-surface">
        {changes.length + settings.length === 0 && <li className="px-3 py-1.5 text-muted">Nothing is different.</li>}
        {changes.map(({ key, change, name, details }) => (
          <li key={key} className="flex items-baseline gap-2 px-3 py-1.5">
            <Sign change={change} />
            <p className="min-w-0 break-words">
              {LOOK[change].word} <span className="font-mono text-xs">{name}</span>
              {details.length > 0 && <span className="text-muted">: {details.join(', ')}</span>}
            </p>
          </li>
        ))}
        {settings.map((line) => (
          <li key={line} className="flex items-baseline gap-2 px-3 py-1.5">
            <Sign change="changed" />
            <p className="min-w-0 break-words">{line}</p>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Sign({ change }: Pick<VersionChange, 'change'>) {
  return (
    <span aria-hidden className={cn('w-3 shrink-0 text-center font-mono', LOOK[change].colour)}>
      {LOOK[change].sign}
    </span>
  );
}
