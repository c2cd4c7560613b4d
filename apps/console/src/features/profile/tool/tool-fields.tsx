'use client';

import type { DraftTool } from '@gatehouse/policy/documents/profile';

import { Button } from '../../../ui/button.tsx';
import { RefusedName } from '../../../ui/entity/client-refusal.tsx';
import { Input, Textarea } from '../../../ui/form/input.tsx';
import { Badge } from '../../../ui/status/badge.tsx';
import { writeVisible } from '../../../ui/text/visible-text.ts';
import { WordDiff } from '../../../ui/text/word-diff.tsx';
import type { Collision } from '../draft/collisions.ts';
import { findNeededName, isRenamed } from '../draft/draft.ts';
import { NameSuggestion } from '../draft/name-suggestion.tsx';
import { useShownName } from '../draft/use-shown-name.ts';

export interface ToolFieldProps {
  tool: DraftTool;
  editable: boolean;
  onChange: (change: Partial<DraftTool>) => void;
}

/** The name that AI clients see. */
export function NameField({ tool, collision, editable, onChange }: ToolFieldProps & { collision: Collision | undefined }) {
  const { text, fallback, problem, suggestion, change } = useShownName(tool, collision, (rename) => onChange({ rename }));
  return (
    <div className="flex flex-col gap-2">
      <Input
        label="Name shown"
        mono
        spellCheck={false}
        autoComplete="off"
        disabled={!editable}
        placeholder={writeVisible(fallback)}
        error={problem}
        hint={describeOrigin(tool)}
        value={text}
        onChange={(event) => change(event.target.value)}
      />
      {problem === undefined && <RefusedName name={tool.rename ?? tool.name} />}
      {isRenamed(tool) && <Override what="name" editable={editable} onReset={() => change('')} />}
      {editable && suggestion !== null && <NameSuggestion name={suggestion} onUse={change} />}
    </div>
  );
}

function describeOrigin(tool: DraftTool): string {
  if (tool.rename === null) return 'The server’s own name.';
  const own = `The server calls it ${writeVisible(tool.name)}`;
  return findNeededName(tool) === null ? `${own}.` : `${own}, which AI clients refuse.`;
}

/** The description AI clients read, and how it differs from the server's `original`. */
export function DescriptionField({ original, tool, editable, onChange }: ToolFieldProps & { original: string }) {
  return (
    <div className="flex flex-col gap-2">
      <Textarea
        label="Description shown"
        rows={4}
        maxLength={4_000}
        disabled={!editable}
        hint={tool.describe === null ? 'The server’s own. Edit it for this workflow.' : undefined}
        value={tool.describe ?? original}
        onChange={(event) => onChange({ describe: event.target.value === original ? null : event.target.value })}
      />
      {tool.describe !== null && <Override what="description" editable={editable} onReset={() => onChange({ describe: null })} />}
      {tool.describe !== null && (
        <div className="rounded-control bg-sunken px-3 py-2 text-xs">
          <p className="mb-1 text-subtle">Against the server’s own</p>
          <WordDiff before={original} after={tool.describe} />
        </div>
      )}
    </div>
  );
}

/** Says that this is not the server's own, and takes it back. */
function Override({ what, editable, onReset }: { what: string; editable: boolean; onReset: () => void }) {
  return (
    <p className="flex items-center gap-1">
      <Badge tone="info">Modified</Badge>
      {editable && (
        <Button variant="ghost" size="small" className="px-1.5" aria-label={`Reset the ${what}`} onClick={onReset}>
          Reset
        </Button>
      )}
    </p>
  );
}
