import { cn } from '../../../ui/cn.ts';
import type { ProfileDetail, StaffDraft } from '../draft/draft.ts';
import { listSettingChanges, listVersionChanges, type VersionChange } from './version-changes.ts';

export interface VersionChangesProps {
  draft: StaffDraft;
  published: ProfileDetail['published'];
}

const LOOK: Record<VersionChange['change'], { word: string; sign: string; colour: string }> = {
  added: { word: 'Adds', sign: '+', colour: 'text-ok-fg' },
  removed: { word: 'Removes', sign: '−', colour: 'text-danger-fg' },
  changed: { word: 'Changes', sign: '~', colour: 'text-info-fg' },
};

/** What publishing would change against the published version, in words. */
export function VersionChanges({ draft, published }: VersionChangesProps) {
  const changes = listVersionChanges(draft, published);
  return (
    <section>
      <h3 className="mb-1.5 text-xs font-medium text-subtle">
        {published ? `Different from version ${published.version}` : 'The first version'}
      </h3>
      <ul className="max-h-60 divide-y divide-line overflow-y-auto rounded-card border border-line">
        {changes.map(({ key, change, name, details }) => (
          <li key={key} className="flex items-baseline gap-2 px-3 py-1.5">
            <span aria-hidden className={cn('w-3 shrink-0 text-center font-mono', LOOK[change].colour)}>
              {LOOK[change].sign}
            </span>
            <p className="min-w-0 break-words">
              {LOOK[change].word} <span className="font-mono text-xs">{name}</span>
              {details.length > 0 && <span className="text-muted">: {details.join(', ')}</span>}
            </p>
          </li>
        ))}
        {listSettingChanges(draft, published).map((line) => (
          <li key={line} className="px-3 py-1.5 pl-8">
            {line}
          </li>
        ))}
      </ul>
    </section>
  );
}
