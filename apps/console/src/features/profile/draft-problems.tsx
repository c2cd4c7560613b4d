'use client';

import { isTRPCClientError } from '@trpc/client';

import type { AppRouter } from '../../server/api/root.ts';
import { Button } from '../../ui/button.tsx';
import { Banner } from '../../ui/card.tsx';
import { readableError } from '../../ui/states.tsx';
import { type Collision, withChange } from './draft.ts';
import type { DraftEditor } from './use-draft.ts';

export interface DraftProblemsProps {
  editor: DraftEditor;
  collisions: readonly Collision[];
  /** its inspector offers the same way out */
  activeKey: string | null;
}

/** What keeps the draft from being saved, with the way out. What was done stays on the screen. */
export function DraftProblems({ editor, collisions, activeKey }: DraftProblemsProps) {
  if (collisions.length > 0) return <Collisions editor={editor} collisions={collisions} activeKey={activeKey} />;
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

function Collisions({ editor, collisions, activeKey }: DraftProblemsProps) {
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
