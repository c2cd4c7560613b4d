import { buildCommand, formatWord } from '@gatehouse/process/shell-command';

export type Platform = 'linux' | 'macos';

export interface InstallFacts {
  /** where browsers and agents reach this console */
  consoleUrl: string;
  /** SHA-256 of the bundle, hex */
  sha256: string;
  token: string;
}

const CHECK: Record<Platform, string> = { linux: 'sha256sum -c', macos: 'shasum -a 256 -c' };

/** Downloads the agent from this console, compares it with the hash shown here, and starts it with the token. */
export function buildInstallCommand({ consoleUrl, sha256, token }: InstallFacts, platform: Platform): string {
  const file = 'gatehouse-agent.mjs';
  const download = buildCommand('posix', ['curl', '-fsSO', new URL(`/agent/${file}`, consoleUrl).href]);
  const sum = buildCommand('posix', ['echo', `${sha256}  ${file}`]);
  const given = formatWord('posix', token);
  if (download === null || sum === null || given === null) throw new Error('The install command cannot be written.');
  return [`${download} &&`, `${sum} | ${CHECK[platform]} &&`, `GATEHOUSE_ENROLL_TOKEN=${given} node ${file} up`].join('\n');
}
