import type { Metadata } from 'next';
import { notFound } from 'next/navigation';

import agent from '../../../../../../docs/agent.md';
import configuration from '../../../../../../docs/configuration.md';
import guide from '../../../../../../docs/console.md';
import operations from '../../../../../../docs/operations.md';
import { HELP_DOCUMENTS, type HelpDocument } from '../../../ui/help/help-places.ts';
import { Markdown } from '../../../ui/help/markdown.tsx';
import { HelpPage } from '../../../ui/layout/help-page.tsx';

/** As they were when this console was built. */
const SOURCES: Record<HelpDocument, string> = { console: guide, agent, operations, configuration };

const TITLES: Record<HelpDocument, string> = {
  console: 'The console',
  agent: 'Agents',
  operations: 'Operations',
  configuration: 'Configuration',
};

interface HelpProps {
  params: Promise<{ document: string }>;
}

async function readDocument({ params }: HelpProps): Promise<HelpDocument> {
  const { document } = await params;
  return HELP_DOCUMENTS.find((each) => each === document) ?? notFound();
}

export async function generateMetadata(props: HelpProps): Promise<Metadata> {
  return { title: `Help · ${TITLES[await readDocument(props)]}` };
}

/** A document of this version. For anybody: it says nothing of any workspace. */
export default async function Help(props: HelpProps) {
  const document = await readDocument(props);
  return (
    <HelpPage
      documents={HELP_DOCUMENTS.map((each) => ({ name: TITLES[each], href: `/help/${each}`, isCurrent: each === document }))}
    >
      <Markdown source={SOURCES[document]} />
    </HelpPage>
  );
}
