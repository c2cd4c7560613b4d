'use client';

import { isTRPCClientError } from '@trpc/client';

import type { AppRouter } from '../../server/api/root.ts';
import { Button } from '../../ui/button.tsx';
import { Banner } from '../../ui/card.tsx';
import { readableError } from '../../ui/states.tsx';
import { UntrustedText } from '../../ui/untrusted-text.tsx';
import { type Collision, withChange, withEntries } from './draft.ts';
import { type ItemCollision, withPromptName } from './items.ts';
import type { DraftEditor } from './use-draft.ts';

export interface DraftProblemsProps {
  editor: DraftEditor;
  collisions: readonly Collision[];
  /** the same among prompts and addresses */
  itemCollisions: readonly ItemCollision[];
  /** its inspector offers the same way out */
  activeKey: string | null;
}

/** What keeps the draft from being saved, with the way out. What was done stays on the screen. */
export function DraftProblems({ editor, collisions, itemCollisions, activeKey }: DraftProblemsProps) {
  if (collisions.length > 0) return <Collisions editor={editor} collisions={collisions} activeKey={activeKey} />;
  if (itemCollisions.length > 0) return <ItemCollisions editor={editor} collisions={itemCollisions} />;
  if (editor.save.kind !== 'refused') return null;
  return (
    <Banner
      tone="danger"
      title="Not saved"
      action={
        <div className="flex flex-wrap gap-2">
          {!isOvertaken(editor.save.error) && (
            <Button size="small" onClick={editor.retry}>
              Try again
            </Button>
          )}
          <Button size="small" onClick={editor.reload}>
            Drop my changes
          </Button>
        </div>
      }
    >
      {readableError(editor.save.error).message} What you did is still on this page.
    </Banner>
  );
}

/** Somebody else's save came first: the same save would be refused again. */
function isOvertaken(error: unknown): boolean {
  return isTRPCClientError<AppRouter>(error) && error.data?.code === 'CONFLICT';
}

function Collisions({ editor, collisions, activeKey }: Omit<DraftProblemsProps, 'itemCollisions'>) {
  return (
    <Banner tone="danger" title="Not saved: tools would have the same name">
      <ul className="mt-1 flex flex-col gap-2">
        {collisions.map(({ name, owners }) => (
          <li key={name}>
            <p className="break-words">
              <span className="font-mono text-xs">{owners.map(({ label }) => label).join(' and ')}</span> would both be shown as{' '}
              <span className="font-mono text-xs">{name}</span>. Rename one.
            </p>
            <div className="mt-1.5 flex flex-wrap gap-2">
              {owners
                .filter(({ key }) => key !== activeKey)
                .map(({ key, suggestion }) => (
                  <Button
                    key={key}
                    size="small"
                    className="max-w-full"
                    onClick={() => editor.change((before) => withChange(before, key, { rename: suggestion }))}
                  >
                    <span className="truncate">
                      Use <span className="font-mono">{suggestion}</span>
                    </span>
                  </Button>
                ))}
            </div>
          </li>
        ))}
      </ul>
    </Banner>
  );
}

/** Two prompts of one name are told apart by a rename; of two equal addresses one has to go. */
function ItemCollisions({ editor, collisions }: { editor: DraftEditor; collisions: readonly ItemCollision[] }) {
  return (
    <Banner tone="danger" title="Not saved: AI clients could not tell these apart">
      <ul className="mt-1 flex flex-col gap-2">
        {collisions.map(({ kind, name, owners }) => (
          <li key={`${kind} ${name}`}>
            <p className="break-words">
              <span className="font-mono text-xs">{owners.map(({ label }) => label).join(' and ')}</span>{' '}
              {kind === 'prompt' ? 'would both be shown as' : 'both answer for'}{' '}
              <span className="font-mono text-xs">
                <UntrustedText text={name} />
              </span>
              {kind === 'prompt' ? '. Rename one.' : '. Take one out.'}
            </p>
            <div className="mt-1.5 flex flex-wrap gap-2">
              {owners.map(({ ref, label, suggestion }) => (
                <Button
                  key={`${ref.serverId} ${ref.name}`}
                  size="small"
                  className="max-w-full"
                  onClick={() =>
                    editor.change((before) =>
                      suggestion === null ? withEntries(before, [ref], false) : withPromptName(before, ref, suggestion),
                    )
                  }
                >
                  <span className="truncate">
                    {suggestion === null ? 'Take out of ' : 'Use '}
                    <span className="font-mono">{suggestion ?? label}</span>
                  </span>
                </Button>
              ))}
            </div>
          </li>
        ))}
      </ul>
    </Banner>
  );
}
