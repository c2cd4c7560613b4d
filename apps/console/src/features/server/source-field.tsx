'use client';

import type { ApiOutput } from '../../trpc/client.tsx';
import { Badge } from '../../ui/badge.tsx';
import { CodeBox } from '../../ui/copy.tsx';
import { Input } from '../../ui/input.tsx';
import { detectSource } from './detect-source.ts';
import type { NewServerForm } from './new-server-form.ts';

type Agent = ApiOutput['agent']['list'][number];

const GUARDRAILS = `stdio:
  handbook:
    command: /usr/bin/node
    args: [/opt/handbook/server.mjs]
    cwd: /opt/handbook
    sha256:
      /usr/bin/node: <sha256 of the file>
      /opt/handbook/server.mjs: <sha256 of the file>`;

export interface SourceFieldProps {
  form: NewServerForm;
  set: (change: Partial<NewServerForm>) => void;
  error: string | undefined;
  agent: Agent | null;
}

/** The one box: a URL, or the name of a stdio entry. Says what it understood. */
export function SourceField({ form, set, error, agent }: SourceFieldProps) {
  const source = detectSource(form.source);

  function change(text: string): void {
    const before = detectSource(form.source);
    const now = detectSource(text);
    const suggestionOf = (detected: typeof now) => ('suggestedName' in detected ? detected.suggestedName : '');
    // A name that was only suggested follows the source; a name that was typed stays.
    const untouched = form.name === '' || form.name === suggestionOf(before);
    set({ source: text, ...(untouched ? { name: suggestionOf(now) } : {}) });
  }

  return (
    <div className="flex flex-col gap-3">
      <Input
        label="URL or stdio entry"
        hint="https://mcp.example.com/mcp, a pasted client configuration, or the name of an entry in the agent's guardrails"
        error={error ?? (source.kind === 'problem' && form.source.length > 12 ? source.sentence : undefined)}
        mono
        // oxlint-disable-next-line jsx-a11y/no-autofocus -- the page is this one box; nothing stands before it
        autoFocus
        autoComplete="off"
        spellCheck={false}
        value={form.source}
        onChange={(event) => change(event.target.value)}
      />
      {source.kind === 'http' && (
        <p className="flex items-center gap-2 text-xs text-muted">
          <Badge>HTTP</Badge> <span className="min-w-0 truncate font-mono">{source.url}</span>
        </p>
      )}
      {source.kind === 'stdio' && (
        <p className="flex items-center gap-2 text-xs text-muted">
          <Badge>stdio</Badge> The agent starts the command that its guardrails name{' '}
          <span className="font-mono">{source.entry}</span>.
        </p>
      )}
      {source.kind !== 'http' && (
        <Entries agent={agent} chosen={source.kind === 'stdio' ? source.entry : null} onChoose={change} />
      )}
    </div>
  );
}

function Entries({ agent, chosen, onChoose }: { agent: Agent | null; chosen: string | null; onChoose: (entry: string) => void }) {
  if (!agent) return null;
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
      <CodeBox label="Example for guardrails.yaml" code={GUARDRAILS} />
    </details>
  );
}
