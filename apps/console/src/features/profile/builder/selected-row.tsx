'use client';

import { WarningIcon, XIcon } from '@phosphor-icons/react/ssr';
import { useId } from 'react';

import type { ServerEntryRef } from '@gatehouse/policy/documents/catalogue-entry';
import type { DraftEntry, DraftTool } from '@gatehouse/policy/documents/profile';

import { Button, IconButton } from '../../../ui/button.tsx';
import { Input } from '../../../ui/form/input.tsx';
import { Badge } from '../../../ui/status/badge.tsx';
import { UntrustedText } from '../../../ui/text/untrusted-text.tsx';
import { writeVisible } from '../../../ui/text/visible-text.ts';
import type { Collision } from '../draft/collisions.ts';
import { type KnownEntry, isRenamed, withName } from '../draft/draft.ts';
import { NameSuggestion } from '../draft/name-suggestion.tsx';
import type { DraftEditor } from '../draft/use-draft.ts';
import { useShownName } from '../draft/use-shown-name.ts';

export interface SelectedRowProps {
  entry: Exclude<DraftEntry, DraftTool>;
  known: KnownEntry | undefined;
  collision: Collision | undefined;
  editor: DraftEditor;
  editable: boolean;
  onTakeOut: (entries: readonly ServerEntryRef[]) => void;
}

/** One selected entry that is no tool. It has little to choose, so it is edited where it stands. */
export function SelectedRow({ entry, known, collision, editor, editable, onTakeOut }: SelectedRowProps) {
  const rename = (next: string | null): void => editor.change((before) => withName(before, entry, next));
  const problem = known?.problem?.text;
  return (
    <li className="flex items-start gap-2 px-4 py-2.5">
      <div className="flex min-w-0 flex-1 flex-col gap-1">
        <p className="flex flex-wrap items-center gap-x-2 text-xs text-subtle">
          {known?.server.name ?? 'A server'}
          {entry.kind === 'template' && <Badge>Template</Badge>}
          {entry.kind === 'prompt' && isRenamed(entry) && <Badge tone="info">Modified</Badge>}
          {entry.kind === 'prompt' && isRenamed(entry) && editable && (
            <Button
              variant="ghost"
              size="small"
              className="-my-1.5 px-1.5"
              aria-label={`Reset ${entry.name}`}
              onClick={() => rename(null)}
            >
              Reset
            </Button>
          )}
        </p>
        <p className="font-mono text-xs">
          <UntrustedText text={entry.name} isName />
        </p>
        {entry.kind === 'prompt' && <PromptName prompt={entry} collision={collision} editable={editable} onRename={rename} />}
        {entry.kind !== 'prompt' && collision && (
          <p className="text-xs text-danger-fg">
            {collision.owners.map(({ label }) => label).join(' and ')} both have this address. Take one out.
          </p>
        )}
        {problem !== undefined && (
          <p className="flex items-center gap-1 text-xs text-warn-fg">
            <WarningIcon aria-hidden size={12} className="shrink-0" /> {problem}
          </p>
        )}
      </div>
      {editable && (
        <IconButton label={`Take out ${entry.name}`} size="small" icon={<XIcon size={14} />} onClick={() => onTakeOut([entry])} />
      )}
    </li>
  );
}

interface PromptNameProps extends Pick<SelectedRowProps, 'collision' | 'editable'> {
  prompt: Extract<DraftEntry, { kind: 'prompt' }>;
  onRename: (rename: string | null) => void;
}

function PromptName({ prompt, collision, editable, onRename }: PromptNameProps) {
  const problemId = useId();
  const { text, fallback, problem, suggestion, change } = useShownName(prompt, collision, onRename);
  return (
    <>
      <div className="flex items-center gap-2">
        <span className="shrink-0 text-xs text-subtle">Shown as</span>
        <Input
          aria-label={`Name shown for ${prompt.name}`}
          aria-invalid={problem !== undefined}
          aria-describedby={problem === undefined ? undefined : problemId}
          mono
          size="small"
          spellCheck={false}
          autoComplete="off"
          disabled={!editable}
          placeholder={writeVisible(fallback)}
          value={text}
          onChange={(event) => change(event.target.value)}
        />
      </div>
      {problem !== undefined && (
        <p id={problemId} role="alert" className="text-xs text-danger-fg">
          {problem}
        </p>
      )}
      {editable && suggestion !== null && <NameSuggestion name={suggestion} onUse={change} />}
    </>
  );
}
