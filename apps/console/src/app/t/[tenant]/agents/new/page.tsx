import type { Metadata } from 'next';

import { env } from '../../../../../env.ts';
import { InstallPage } from '../../../../../features/agent/install-page.tsx';
import { agentBundle } from '../../../../../server/agent-bundle.ts';

export const metadata: Metadata = { title: 'Install an agent' };

export default async function NewAgentPage() {
  const { NEXTAUTH_URL, GATEHOUSE_HUB_PUBLIC_URL } = env();
  const bundle = await agentBundle();
  return (
    <InstallPage
      consoleUrl={new URL(NEXTAUTH_URL).origin}
      hubHost={new URL(GATEHOUSE_HUB_PUBLIC_URL).host}
      bundleSha256={bundle?.sha256 ?? null}
    />
  );
}
