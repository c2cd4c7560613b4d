'use client';

import { useState } from 'react';
import { useController, useFormContext, useWatch } from 'react-hook-form';

import { Button } from '../../../ui/button.tsx';
import { Input } from '../../../ui/form/input.tsx';
import { Badge } from '../../../ui/status/badge.tsx';
import { CodeBox } from '../../../ui/text/copy.tsx';
import type { Agents } from '../form/server-form.ts';
import { type DetectedSource, detectSource } from './detect-source.ts';
import type { NewServerForm } from './new-server-form.ts';
import { PastedNotes } from './pasted-notes.tsx';
import { holdsSecretPath, type Pasted } from './pasted-secrets.ts';

const GUARDRAILS = `stdio:
  handbook:
    command: /usr/bin/node
    args: [/opt/handbook/server.mjs]
    cwd: /opt/handbook
    sha256:
      /usr/bin/node: <sha256 of the file>
      /opt/handbook/server.mjs: <sha256 of the file>`;

const getSuggestedName = (source: DetectedSource): string => ('suggestedName' in source ? source.suggestedName : '');

const isPaste = (event: Event): boolean =>
  event instanceof InputEvent && (event.inputType === 'insertFromPaste' || event.inputType === 'insertFromDrop');

/** The box and what it fills beside itself. */
function useSource() {
  const { control, getValues, setValue } = useFormContext<NewServerForm>();
  const { field, fieldState } = useController({ control, name: 'source' });
  const [taken, setTaken] = useState<Pasted | null>(null);
  const source = detectSource(field.value);

  /** A name that was only suggested follows the source; a name that was typed stays. */
  function suggestName(next: DetectedSource): void {
    const name = getValues('name');
    if (name === '' || name === getSuggestedName(source)) setValue('name', getSuggestedName(next));
  }

  /** What was pasted is in the form from here on, and nowhere else: without the secrets. */
  function take(pasted: Pasted): void {
    field.onChange(pasted.url);
    setTaken(pasted);
    if (pasted.credentials.length > 0) {
      setValue('withCredential', true);
      setValue('credentials', pasted.credentials);
    }
    if (pasted.headers.length > 0) setValue('headers', pasted.headers);
  }

  /** `isWhole`: it was pasted, so that nothing of it is still to come. */
  function change(text: string, isWhole: boolean): void {
    const next = detectSource(text);
    const pasted = 'pasted' in next && (next.kind === 'http' || isWhole) ? next.pasted : undefined;
    suggestName(next.kind === 'problem' && pasted ? detectSource(pasted.url) : next);
    if (pasted) take(pasted);
    else field.onChange(text);
  }

  function takeOut(): void {
    if (source.kind !== 'problem' || !source.pasted) return;
    suggestName(detectSource(source.pasted.url));
    take(source.pasted);
  }

  const shown = taken?.url === field.value ? taken : null;
  return { control, field, fieldState, source, taken: shown, change, takeOut };
}

/** The one box: a URL, a pasted client configuration, or the name of a stdio entry. Says what it understood. */
export function SourceField({ agents }: { agents: Agents }) {
  const { control, field, fieldState, source, taken, change, takeOut } = useSource();
  const agentId = useWatch({ control, name: 'agentId' });
  const agent = agents.find(({ id }) => id === agentId);
  return (
    <div className="flex flex-col gap-3">
      <Input
        {...field}
        label="URL or stdio entry"
        hint="https://mcp.example.com/mcp, a pasted client configuration, or the name of an entry in the agent's guardrails"
        error={fieldState.error?.message ?? (source.kind === 'problem' && field.value.length > 12 ? source.sentence : undefined)}
        mono
        // oxlint-disable-next-line jsx-a11y/no-autofocus -- the page is this one box; nothing stands before it
        autoFocus
        autoComplete="off"
        spellCheck={false}
        onChange={(event) => change(event.target.value, isPaste(event.nativeEvent))}
      />
      {source.kind === 'problem' && source.pasted && (
        <Button size="small" className="self-start" onClick={takeOut}>
          Take the secret out
        </Button>
      )}
      {taken && <PastedNotes pasted={taken} />}
      {source.kind === 'http' && (
        <p className="flex items-center gap-2 text-xs text-muted">
          <Badge>HTTP</Badge> <span className="min-w-0 truncate font-mono">{source.url}</span>
        </p>
      )}
      {source.kind === 'http' && holdsSecretPath(source.url) && (
        <p className="text-xs text-warn-fg">
          A part of this path looks like a secret. The address of a server is kept here, and everybody who sees the server sees
          it: ask for one that takes its secret in a header.
        </p>
      )}
      {source.kind === 'stdio' && (
        <p className="flex items-center gap-2 text-xs text-muted">
          <Badge>stdio</Badge> The agent starts the command that its guardrails name{' '}
          <span className="font-mono">{source.entry}</span>.
        </p>
      )}
      {source.kind !== 'http' && agent && (
        <Entries agent={agent} chosen={source.kind === 'stdio' ? source.entry : null} onChoose={(entry) => change(entry, true)} />
      )}
    </div>
  );
}

interface EntriesProps {
  agent: Agents[number];
  chosen: string | null;
  onChoose: (entry: string) => void;
}

function Entries({ agent, chosen, onChoose }: EntriesProps) {
  if (agent.stdioEntries.length > 0) {
    return (
      <div className="text-xs">
        <p className="mb-1.5 text-subtle">Entries in the guardrails of {agent.name}:</p>
        <ul className="flex flex-wrap gap-1.5">
          {agent.stdioEntries.map((entry) => (
            <li key={entry}>
              <button
                type="button"
                aria-pressed={entry === chosen}
                onClick={() => onChoose(entry)}
                className="rounded-chip border border-kumo-line bg-surface px-2 py-1 font-mono text-xs transition-colors hover:bg-sunken aria-pressed:border-accent aria-pressed:bg-accent-bg aria-pressed:text-accent-fg"
              >
                {entry}
              </button>
            </li>
          ))}
        </ul>
        {chosen !== null && !agent.stdioEntries.includes(chosen) && (
          <p className="mt-2 text-warn-fg">{agent.name} has no entry of this name now. The first look will say so.</p>
        )}
      </div>
    );
  }
  return (
    <details className="text-xs text-muted">
      <summary className="w-fit">To run a local command: name it in guardrails.yaml first</summary>
      <p className="mt-2 mb-2 max-w-[60ch]">
        The console can only name an entry; the command, its arguments and the hash of every file stand in a file that you keep
        beside the agent. So nobody who controls this console can start anything on your machine.
      </p>
      <p className="mb-2 max-w-[60ch]">
        On the machine of the agent <code>gatehouse-agent guardrails entry -- npx -y some-server</code> prints the entry with its
        hashes.
      </p>
      <CodeBox label="Example for guardrails.yaml" code={GUARDRAILS} />
    </details>
  );
}
