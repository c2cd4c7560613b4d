'use client';

import { useQueryState } from 'nuqs';
import { type ReactNode, useState } from 'react';

import { useMe } from '../../trpc/use-me.ts';
import { Button } from '../../ui/button.tsx';
import { cn } from '../../ui/cn.ts';
import { Banner } from '../../ui/layout/card.tsx';
import { PageHeader } from '../../ui/layout/page-header.tsx';
import { NotPermitted } from '../../ui/status/states.tsx';
import { ClockTime, useNow } from '../../ui/text/relative-time.tsx';
import { EnrolmentProgress } from './enrolment-progress.tsx';
import { isStopped } from './enrolment-steps.ts';
import { InstallCommandBox } from './install-command-box.tsx';
import { type CreatedToken, NewAgentForm } from './new-agent-form.tsx';
import { RevokeToken } from './revoke-token.tsx';
import { useEnrolment } from './use-enrolment.ts';

export interface InstallPageProps {
  consoleUrl: string;
  /** host that the agent dials out to */
  hubHost: string;
  /** SHA-256 of the bundle that this console hands out; null: it has none */
  bundleSha256: string | null;
}

/** Three numbered parts on one page: where, what to run, and what was seen of it. The URL keeps the enrolment that is under way. */
export function InstallPage(props: InstallPageProps) {
  const [tokenId, setTokenId] = useQueryState('enrolment');
  const { can, isStopped } = useMe();
  const [created, setCreated] = useState<CreatedToken | null>(null);

  function start(token: CreatedToken): void {
    setCreated(token);
    void setTokenId(token.id);
  }
  function again(): void {
    setCreated(null);
    void setTokenId(null);
  }

  if (!can('agent.manage')) {
    return (
      <>
        <PageHeader title="Install an agent" />
        <NotPermitted what="Installing an agent" roles="owner or admin" isStopped={isStopped} />
      </>
    );
  }
  return (
    <div className="mx-auto max-w-180">
      <PageHeader
        title="Install an agent"
        sub="An agent runs in your network, enforces what you publish here, and sends back only redacted receipts."
      />
      {props.bundleSha256 === null && (
        <Banner tone="warn" title="This console has no agent to hand out" className="mb-6">
          Whoever runs the console sets GATEHOUSE_AGENT_BUNDLE to the path of gatehouse-agent.mjs.
        </Banner>
      )}
      <div className="flex flex-col gap-8">
        {tokenId === null ? (
          <NotStarted onCreated={start} />
        ) : (
          <UnderWay {...props} tokenId={tokenId} created={created?.id === tokenId ? created : null} onAgain={again} />
        )}
      </div>
    </div>
  );
}

const WHERE = 'Where will it run?';
const RUN = 'Run this on that machine';
const SEEN = 'What we have seen of it';

function NotStarted({ onCreated }: { onCreated: (token: CreatedToken) => void }) {
  return (
    <>
      <Part number={1} title={WHERE}>
        <NewAgentForm onCreated={onCreated} />
      </Part>
      <Part number={2} title={RUN} later>
        <p className="text-muted">The command appears here. It holds a token that is shown once.</p>
      </Part>
      <Part number={3} title={SEEN} later>
        <p className="text-muted">Four facts with their times, as they happen.</p>
      </Part>
    </>
  );
}

interface UnderWayProps extends InstallPageProps {
  tokenId: string;
  /** null after a reload: the token itself is nowhere any more */
  created: CreatedToken | null;
  onAgain: () => void;
}

function UnderWay(props: UnderWayProps) {
  const { tokenId, onAgain } = props;
  const { data: progress } = useEnrolment(tokenId);
  return (
    <>
      <Part number={1} title={WHERE}>
        <p className="flex flex-wrap items-center gap-3 text-muted">
          {progress && (
            <span>
              As <b className="font-medium text-fg">{progress.agentName}</b>.
            </span>
          )}
          <Button size="small" onClick={onAgain}>
            Install another agent
          </Button>
        </p>
      </Part>
      <Part number={2} title={RUN}>
        <Command {...props} />
      </Part>
      <Part number={3} title={SEEN}>
        <EnrolmentProgress tokenId={tokenId} />
      </Part>
    </>
  );
}

/** The command while it works and is known; else why it is not there, and what to do. */
function Command({ tokenId, created, onAgain, consoleUrl, hubHost, bundleSha256 }: UnderWayProps) {
  const { data: progress } = useEnrolment(tokenId);
  const now = useNow();
  if (!progress) return null;
  if (progress.usedAt !== null) {
    return (
      <p className="text-muted">
        The command was run. Its token was used <ClockTime at={progress.usedAt} /> and enrols nothing any more.
      </p>
    );
  }
  if (now !== null && isStopped(progress, now)) {
    return (
      <div className="flex flex-col items-start gap-3">
        <p className="text-muted">
          {progress.revokedAt === null ? 'The token of this command has run out' : 'The token of this command was revoked'}: it
          enrols nothing any more.
        </p>
        <Button size="small" onClick={onAgain}>
          Make another command
        </Button>
      </div>
    );
  }
  if (created && bundleSha256 !== null) {
    return (
      <InstallCommandBox token={created} consoleUrl={consoleUrl} hubHost={hubHost} sha256={bundleSha256} onRevoked={onAgain} />
    );
  }
  return (
    <div className="flex flex-col items-start gap-3">
      <p className="text-muted">
        The command was shown once and cannot be shown again. If you do not have it any more, revoke its token, which frees the
        name, and make another one.
      </p>
      <RevokeToken tokenId={tokenId} onRevoked={onAgain} />
    </div>
  );
}

function Part({
  number,
  title,
  later = false,
  children,
}: {
  number: number;
  title: string;
  later?: boolean;
  children: ReactNode;
}) {
  return (
    <section className="grid grid-cols-[1.5rem_1fr] gap-3">
      <span
        aria-hidden
        className={cn(
          'flex size-6 items-center justify-center rounded-full text-xs font-semibold',
          later ? 'border border-kumo-line text-subtle' : 'bg-accent-bg text-accent-fg',
        )}
      >
        {number}
      </span>
      <h2 className={cn('text-lg font-semibold', later && 'text-muted')}>{title}</h2>
      <div className="col-start-2 min-w-0 max-sm:col-span-2 max-sm:col-start-1">{children}</div>
    </section>
  );
}
