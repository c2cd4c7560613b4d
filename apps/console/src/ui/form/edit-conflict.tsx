'use client';

import { useEffect, useRef, useState } from 'react';
import type { FieldValues } from 'react-hook-form';

import { Button } from '../button.tsx';
import { Banner } from '../layout/card.tsx';
import { RelativeTime } from '../text/relative-time.tsx';
import { UntrustedText } from '../text/untrusted-text.tsx';
import { Choice } from './choice.tsx';
import { compareVersions, type EditConflict, takeVersions, type Version, type VersionGroup } from './merge-versions.ts';
import type { EditForm } from './use-edit-form.ts';

export interface EditConflictNoticeProps<In extends FieldValues, Out> {
  /** of `readEditConflict` */
  conflict: EditConflict;
  edit: EditForm<In, Out>;
  groups: readonly VersionGroup<In>[];
  /** the form as `present` of the conflict fills it; throws when it is not of this form */
  readValues: (present: unknown) => In;
  /** the form holds what was chosen: forget the error, the person saves again */
  onMerged: () => void;
}

/**
 * Both versions, thing by thing, where somebody else was first. What one of the two changed is taken as it is; where both did, the person chooses.
 * Nothing is saved by it: the form holds the outcome, and is saved as any other.
 */
export function EditConflictNotice<In extends FieldValues, Out>(props: EditConflictNoticeProps<In, Out>) {
  const { conflict, edit, groups, readValues, onMerged } = props;
  const [chosen, setChosen] = useState<Readonly<Record<string, 'mine' | 'theirs'>>>({});
  const start = useRef<HTMLElement>(null);
  useEffect(() => {
    start.current?.focus({ preventScroll: true });
    start.current?.scrollIntoView({ block: 'start' });
  }, [conflict]);
  const [mine, theirs] = [edit.form.getValues(), readValues(conflict.present)];
  const versions = compareVersions(groups, { seen: edit.seen.values, mine, theirs });
  const choose = ({ group, changedBy }: Version<In>): 'mine' | 'theirs' | undefined =>
    chosen[group.label] ?? (changedBy === 'both' ? undefined : changedBy === 'me' ? 'mine' : 'theirs');
  const open = versions.filter((version) => choose(version) === undefined);
  const mergeVersions = (): void => {
    const taken = versions.filter((version) => choose(version) === 'theirs').map(({ group }) => group);
    edit.merge({ revision: conflict.revision, values: theirs }, takeVersions(mine, theirs, taken));
    onMerged();
  };
  return (
    <section ref={start} tabIndex={-1} aria-label="Changed meanwhile" className="flex scroll-mt-16 flex-col gap-3 outline-none">
      <Banner tone="warn" title={`${conflict.changedBy?.name ?? 'Somebody'} changed this while you were editing it`}>
        {conflict.changedAt && (
          <>
            Saved <RelativeTime at={conflict.changedAt} />.{' '}
          </>
        )}
        {versions.length === 0 ? 'Both versions are the same.' : 'Nothing of yours was saved or lost. Choose what is to stand.'}
      </Banner>
      {versions.length > 0 && (
        <ul className="flex flex-col divide-y divide-line rounded-card border border-line bg-surface">
          {versions.map((version) => (
            <VersionRow
              key={version.group.label}
              version={version}
              value={choose(version) ?? null}
              onValueChange={(value) => setChosen({ ...chosen, [version.group.label]: value })}
            />
          ))}
        </ul>
      )}
      <Button
        className="self-end"
        variant="primary"
        onClick={mergeVersions}
        disabledReason={open.length > 0 ? `Choose for ${open.map(({ group }) => group.label).join(', ')}` : undefined}
      >
        Put this into the form
      </Button>
    </section>
  );
}

interface VersionRowProps<In> {
  version: Version<In>;
  value: 'mine' | 'theirs' | null;
  onValueChange: (value: 'mine' | 'theirs') => void;
}

const WHO = { both: 'Both of you changed it', me: 'Only you changed it', them: 'Only the other changed it' };

function VersionRow<In>({ version: { group, mine, theirs, changedBy }, value, onValueChange }: VersionRowProps<In>) {
  return (
    <li className="flex flex-col gap-2 p-3">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <p className="font-medium">
          {group.label} <span className="ml-1 text-xs font-normal text-subtle">{WHO[changedBy]}</span>
        </p>
        <Choice
          label={`Which ${group.label.toLowerCase()} is to stand`}
          options={[
            { value: 'mine', label: 'Mine' },
            { value: 'theirs', label: 'Theirs' },
          ]}
          value={value}
          onValueChange={onValueChange}
        />
      </div>
      <dl className="grid gap-x-4 gap-y-1 sm:grid-cols-2">
        <VersionText label="Mine" text={mine} />
        <VersionText label="Theirs" text={theirs} />
      </dl>
    </li>
  );
}

function VersionText({ label, text }: { label: string; text: string }) {
  return (
    <div className="min-w-0">
      <dt className="text-xs text-subtle">{label}</dt>
      <dd className="break-words">{text === '' ? '–' : <UntrustedText text={text} />}</dd>
    </div>
  );
}
