'use client';

import { useState } from 'react';

import { Tabs } from '../../ui/layout/tabs.tsx';
import { CodeBox } from '../../ui/text/copy.tsx';
import { ClockTime, RelativeTime } from '../../ui/text/relative-time.tsx';
import { buildInstallCommand, type Platform } from './install-command.ts';
import type { CreatedToken } from './new-agent-form.tsx';
import { RevokeToken } from './revoke-token.tsx';

const PLATFORMS = [
  { value: 'linux', label: 'Linux' },
  { value: 'macos', label: 'macOS' },
] as const;

export interface InstallCommandBoxProps {
  token: CreatedToken;
  consoleUrl: string;
  /** host that the agent dials out to */
  hubHost: string;
  /** SHA-256 of the bundle, hex */
  sha256: string;
  onRevoked: () => void;
}

/** The command to copy, what it needs, and the way to take it back. */
export function InstallCommandBox({ token, consoleUrl, sha256, hubHost, onRevoked }: InstallCommandBoxProps) {
  const [platform, setPlatform] = useState<Platform>('linux');
  const [copiedAt, setCopiedAt] = useState<Date | null>(null);
  return (
    <div className="flex flex-col gap-3">
      <Tabs label="System" tabs={PLATFORMS} value={platform} onValueChange={setPlatform} />
      <CodeBox
        label="Install command"
        code={buildInstallCommand({ consoleUrl, sha256, token: token.token }, platform)}
        mask={[token.token]}
        onCopied={() => setCopiedAt(new Date())}
      />
      <ul className="ml-4 list-disc text-muted marker:text-subtle">
        <li>
          The token enrols one agent and stops working <RelativeTime at={token.expiresAt} />. It is shown once.
        </li>
        <li>Needs Node.js 24 and outbound access to {hubHost}. No inbound port.</li>
        <li>It downloads one file from this console, compares its SHA-256, and starts it.</li>
        <li>
          Servers that need a credential: set SECRET_NAME and SECRET_NAME_ORIGIN for the agent, or put the file
          secrets/&lt;host&gt;/&lt;name&gt; beside its guardrails. A server without is left out, and this console says what is
          missing.
        </li>
        <li>To keep the token out of the shell history, put it into a file and set GATEHOUSE_ENROLL_TOKEN_FILE instead.</li>
      </ul>
      <div className="flex flex-wrap items-center gap-3">
        <RevokeToken tokenId={token.id} onRevoked={onRevoked} />
        {copiedAt && (
          <span className="text-xs text-subtle">
            Command copied <ClockTime at={copiedAt} />
          </span>
        )}
      </div>
    </div>
  );
}
