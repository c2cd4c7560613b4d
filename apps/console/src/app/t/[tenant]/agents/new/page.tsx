import type { Metadata } from 'next';

import { getEnv } from '../../../../../env.ts';
import { InstallPage } from '../../../../../features/agent/install-page.tsx';
import { readAgentBundle } from '../../../../../server/agent-bundle.ts';

export const metadata: Metadata = { title: 'Install an agent' };

export default async function NewAgentPage() {
  const { NEXTAUTH_URL, GATEHOUSE_HUB_PUBLIC_URL } = getEnv();
  const bundle = await readAgentBundle();
  return (
    <InstallPage
      consoleUrl={new URL(NEXTAUTH_URL).origin}
      hubHost={new URL(GATEHOUSE_HUB_PUBLIC_URL).host}
      bundleSha256={bundle?.sha256 ?? null}
    />
  );
}
