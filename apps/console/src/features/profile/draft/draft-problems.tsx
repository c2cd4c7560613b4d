'use client';

import { toServerEntryKey } from '@gatehouse/policy/documents/catalogue-entry';

import { Button } from '../../../ui/button.tsx';
import type { EntryGroup } from '../../../ui/entity/entry-group.ts';
import { Banner } from '../../../ui/layout/card.tsx';
import { toReadableError } from '../../../ui/status/states.tsx';
import { UntrustedText } from '../../../ui/text/untrusted-text.tsx';
import { type Collision, listShownAbove } from './collisions.ts';
import { DraftConflicts } from './draft-conflicts.tsx';
import { withEntries, withName } from './draft.ts';
import type { DraftEditor } from './use-draft.ts';

export interface DraftProblemsProps {
  editor: DraftEditor;
  collisions: readonly Collision[];
  group: EntryGroup;
  /** the tool that is edited beside the list */
  activeKey: string | null;
}

/** What keeps the draft from being saved, with the way out. What was done stays on the screen. */
export function DraftProblems({ editor, collisions, group, activeKey }: DraftProblemsProps) {
  if (editor.conflicts.length > 0) return <DraftConflicts editor={editor} />;
  if (collisions.length > 0) {
    // prompts have the field of their name in their row
    const prompts = group === 'prompts' ? editor.draft.entries.filter(({ kind }) => kind === 'prompt') : [];
    const edited = new Set([...prompts.map(toServerEntryKey), ...(activeKey === null ? [] : [activeKey])]);
    const shown = listShownAbove(collisions, edited);
    return shown.length > 0 && <Collisions editor={editor} collisions={shown} />;
  }
  if (editor.save.kind !== 'refused') return null;
  return (
    <Banner
      tone="danger"
      title="Not saved"
      action={
        <div className="flex flex-wrap gap-2">
          <Button size="small" onClick={editor.retry}>
            Try again
          </Button>
          <Button size="small" onClick={editor.reload}>
            Drop my changes
          </Button>
        </div>
      }
    >
      {toReadableError(editor.save.error).message} What you did is still on this page.
    </Banner>
  );
}

/** Two of one name are told apart by a rename; of two equal addresses one has to go. Tools come first, alone. */
function Collisions({ editor, collisions }: Pick<DraftProblemsProps, 'editor' | 'collisions'>) {
  const tools = collisions.filter(({ kind }) => kind === 'tool');
  const shown = tools.length > 0 ? tools : collisions;
  return (
    <Banner
      tone="danger"
      title={tools.length > 0 ? 'Not saved: tools would have the same name' : 'Not saved: AI clients could not tell these apart'}
    >
      <ul className="mt-1 flex flex-col gap-2">
        {shown.map((collision) => (
          <li key={`${collision.kind} ${collision.name}`}>
            <Collided editor={editor} collision={collision} />
          </li>
        ))}
      </ul>
    </Banner>
  );
}

function Collided({ editor, collision: { kind, name, owners } }: Pick<DraftProblemsProps, 'editor'> & { collision: Collision }) {
  const named = kind === 'tool' || kind === 'prompt';
  return (
    <>
      <p className="break-words">
        <span className="font-mono text-xs">{owners.map(({ label }) => label).join(' and ')}</span>{' '}
        {named ? 'would both be shown as' : 'both answer for'}{' '}
        <span className="font-mono text-xs">
          <UntrustedText text={name} />
        </span>
        {named ? '. Rename one.' : '. Take one out.'}
      </p>
      <div className="mt-1.5 flex flex-wrap gap-2">
        {owners.map(({ ref, label, suggestion }) => (
          <Button
            key={toServerEntryKey(ref)}
            size="small"
            onClick={() =>
              editor.change((before) =>
                suggestion === null ? withEntries(before, [ref], false) : withName(before, ref, suggestion),
              )
            }
          >
            {suggestion === null ? 'Take out of ' : 'Use '}
            <span className="font-mono">{suggestion ?? label}</span>
          </Button>
        ))}
      </div>
    </>
  );
}
