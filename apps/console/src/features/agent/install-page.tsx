'use client';

import { useMutation } from '@tanstack/react-query';
import { useQueryState } from 'nuqs';
import { type ReactNode, useState } from 'react';

import { useTRPC } from '../../trpc/client.tsx';
import { Button } from '../../ui/button.tsx';
import { Banner } from '../../ui/card.tsx';
import { CodeBox } from '../../ui/copy.tsx';
import { PageHeader } from '../../ui/page-header.tsx';
import { ClockTime, RelativeTime } from '../../ui/relative-time.tsx';
import { ErrorLine } from '../../ui/states.tsx';
import { Tabs } from '../../ui/tabs.tsx';
import { EnrolmentProgress } from './enrolment-progress.tsx';
import { installCommand, type Platform } from './install-command.ts';
import { type CreatedToken, NewAgentForm } from './new-agent-form.tsx';

export interface InstallPageProps {
  consoleUrl: string;
  /** host that the agent dials out to */
  hubHost: string;
  /** SHA-256 of the bundle that this console hands out; null: it has none */
  bundleSha256: string | null;
}

/** Three numbered parts on one page: where, what to run, and what was seen of it. */
export function InstallPage({ consoleUrl, hubHost, bundleSha256 }: InstallPageProps) {
  const [tokenId, setTokenId] = useQueryState('enrolment');
  const [created, setCreated] = useState<CreatedToken | null>(null);
  const shown = created?.id === tokenId ? created : null;

  function start(token: CreatedToken): void {
    setCreated(token);
    void setTokenId(token.id);
  }
  function again(): void {
    setCreated(null);
    void setTokenId(null);
  }

  return (
    <div className="mx-auto max-w-180">
      <PageHeader
        title="Install an agent"
        sub="An agent runs in your network, enforces what you publish here, and sends back only redacted receipts."
      />
      <div className="flex flex-col gap-8">
        <Part number={1} title="Where will it run?">
          {tokenId === null ? (
            <NewAgentForm onCreated={start} />
          ) : (
            <p className="flex flex-wrap items-center gap-3 text-muted">
              The enrolment below is under way.
              <Button size="small" onClick={again}>
                Install another agent
              </Button>
            </p>
          )}
        </Part>
        <Part number={2} title="Run this on that machine" muted={tokenId === null}>
          {bundleSha256 === null && (
            <Banner tone="warn" title="This console has no agent to hand out">
              Whoever runs the console sets GATEHOUSE_AGENT_BUNDLE to the path of gatehouse-agent.mjs.
            </Banner>
          )}
          {tokenId === null && <p className="text-muted">The command appears here. It holds a token that is shown once.</p>}
          {tokenId !== null && shown === null && <Hidden />}
          {shown && bundleSha256 !== null && (
            <Command token={shown} consoleUrl={consoleUrl} sha256={bundleSha256} hubHost={hubHost} onRevoked={again} />
          )}
        </Part>
        <Part number={3} title="What we have seen of it" muted={tokenId === null}>
          {tokenId === null ? (
            <p className="text-muted">Four facts with their times, as they happen.</p>
          ) : (
            <EnrolmentProgress tokenId={tokenId} />
          )}
        </Part>
      </div>
    </div>
  );
}

function Part({
  number,
  title,
  muted = false,
  children,
}: {
  number: number;
  title: string;
  muted?: boolean;
  children: ReactNode;
}) {
  return (
    <section className="grid grid-cols-[1.5rem_1fr] gap-x-3 gap-y-3">
      <span
        aria-hidden
        className={`flex size-6 items-center justify-center rounded-full text-xs font-semibold ${muted ? 'border border-kumo-line text-subtle' : 'bg-accent-bg text-accent-fg'}`}
      >
        {number}
      </span>
      <h2 className={`text-lg font-semibold ${muted ? 'text-muted' : ''}`}>{title}</h2>
      <div className="col-start-2 min-w-0 max-sm:col-start-1 max-sm:col-span-2">{children}</div>
    </section>
  );
}

function Hidden() {
  return (
    <p className="text-muted">
      The command was shown once and cannot be shown again. If it was not run, choose <i>Install another agent</i> under a
      different name, or wait until this token has expired.
    </p>
  );
}

interface CommandProps {
  token: CreatedToken;
  consoleUrl: string;
  sha256: string;
  hubHost: string;
  onRevoked: () => void;
}

const PLATFORMS = [
  { value: 'linux', label: 'Linux' },
  { value: 'macos', label: 'macOS' },
] as const;

function Command({ token, consoleUrl, sha256, hubHost, onRevoked }: CommandProps) {
  const trpc = useTRPC();
  const [platform, setPlatform] = useState<Platform>('linux');
  const [copiedAt, setCopiedAt] = useState<Date | null>(null);
  const revoke = useMutation(trpc.joinToken.revoke.mutationOptions({ onSuccess: onRevoked }));
  return (
    <div className="flex flex-col gap-3">
      <Tabs label="System" tabs={PLATFORMS} value={platform} onValueChange={setPlatform} />
      <CodeBox
        label="Install command"
        code={installCommand({ consoleUrl, sha256, token: token.token }, platform)}
        mask={[token.token]}
        onCopied={() => setCopiedAt(new Date())}
      />
      <p role="status" className="text-xs text-subtle empty:hidden">
        {copiedAt && (
          <>
            Command copied <ClockTime at={copiedAt} />
          </>
        )}
      </p>
      <ul className="ml-4 list-disc text-muted marker:text-subtle">
        <li>
          The token enrols one agent and stops working <RelativeTime at={token.expiresAt} />. It is shown once.
        </li>
        <li>Needs Node.js 24, and outbound access to {hubHost}. No inbound port.</li>
        <li>It downloads one file from this console, compares its SHA-256, and starts it.</li>
        <li>To keep the token out of the shell history, put it into a file and set GATEHOUSE_ENROLL_TOKEN_FILE instead.</li>
      </ul>
      {revoke.error && <ErrorLine error={revoke.error} />}
      <div>
        <Button size="small" variant="danger-quiet" loading={revoke.isPending} onClick={() => revoke.mutate({ id: token.id })}>
          Revoke this token
        </Button>
      </div>
    </div>
  );
}
