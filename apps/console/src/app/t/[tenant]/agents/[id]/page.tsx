import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import { z } from 'zod';

import { AgentPage } from '../../../../../features/agent/agent-page.tsx';

export const metadata: Metadata = { title: 'Agent' };

export default async function AgentDetailPage({ params }: { params: Promise<{ id: string }> }) {
  const id = z.uuid().safeParse((await params).id);
  if (!id.success) notFound();
  return <AgentPage agentId={id.data} />;
}
