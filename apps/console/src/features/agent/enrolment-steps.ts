import type { ApiOutput } from '../../trpc/client.tsx';

type Progress = ApiOutput['joinToken']['get'];
type FailureCode = NonNullable<Progress['failureCode']>;

export interface EnrolmentStep {
  title: string;
  /** when it was observed; null while it was not */
  at: Date | null;
}

/** The four facts of an enrolment, in the order in which they happen. */
export function listEnrolmentSteps({ presentedAt, usedAt, connectedAt, ackedAt }: Progress): EnrolmentStep[] {
  return [
    { title: 'Enrolment request', at: presentedAt },
    { title: 'Identity issued', at: usedAt },
    { title: 'Control connection', at: connectedAt },
    { title: 'First configuration acknowledged', at: ackedAt },
  ];
}

/** How far it has come, in one line. Where the name was taken the agent has got another. */
export function describeEnrolment(
  { agentName, enrolledName }: Pick<Progress, 'agentName' | 'enrolledName'>,
  { done, stopped }: { done: boolean; stopped: boolean },
): string {
  if (!done) return stopped ? `${agentName} did not enrol` : `Waiting for ${enrolledName ?? agentName}…`;
  if (enrolledName === null || enrolledName === agentName) return `${agentName} is connected`;
  return `${enrolledName} is connected: the name ${agentName} was taken`;
}

/** What went wrong and what to do; for the owner of the token, never for the one who presented it. */
export function describeFailure(code: FailureCode): string {
  switch (code) {
    case 'token_expired':
      return 'The token had expired. Make a new command and run it within its time.';
    case 'token_used':
      return 'The token was used a second time. It enrols one agent; make a new command for another. If this was not you, revoke the agent.';
    case 'token_revoked':
      return 'The token was revoked before it was used. Make a new command.';
    case 'clock_skew':
      return 'The clock of that machine differs by more than 5 minutes. Correct it (for example with chrony or timedatectl) and run the command again.';
    case 'version_too_old':
      return 'That agent is too old: it cannot follow the signing key of this workspace, which was rotated, and would never serve. Download it again with the command above (0.2 or later). The token was not used.';
    case 'malformed':
      return 'The request could not be read. The agent is probably of another version: download it again with the command above.';
  }
}

/** A second use after a good one is shown, but does not stop the agent that enrolled first. */
export function isStopped({ ackedAt, usedAt, revokedAt, expiresAt }: Progress, now: number): boolean {
  if (ackedAt || usedAt) return false;
  return revokedAt !== null || expiresAt.getTime() <= now;
}
