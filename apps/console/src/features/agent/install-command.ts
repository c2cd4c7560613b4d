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
  return [
    `curl -fsSO ${consoleUrl}/agent/${file} &&`,
    `echo "${sha256}  ${file}" | ${CHECK[platform]} &&`,
    `GATEHOUSE_ENROLL_TOKEN=${token} node ${file} up`,
  ].join('\n');
}
