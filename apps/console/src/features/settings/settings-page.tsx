'use client';

import { useQuery } from '@tanstack/react-query';

import { useTRPC } from '../../trpc/client.tsx';
import { useMe } from '../../trpc/use-me.ts';
import { PageHeader } from '../../ui/layout/page-header.tsx';
import { Loaded } from '../../ui/status/loaded.tsx';
import { DeleteWorkspace } from './delete-workspace.tsx';
import { ExportWorkspace } from './export-workspace.tsx';
import { WorkspaceDetails } from './workspace-form.tsx';

/** The workspace itself: its name, how it is told from others, its data and its end. */
export function SettingsPage() {
  const { can } = useMe();
  const workspace = useQuery(useTRPC().workspace.get.queryOptions());
  return (
    <>
      <PageHeader title="Settings" sub="What is this workspace called, and how is it told from others?" />
      <Loaded query={workspace} errorTitle="The settings could not be loaded">
        {(data) => (
          <div className="flex max-w-4xl flex-col gap-5">
            <WorkspaceDetails workspace={data} />
            {can('tenant.export') && <ExportWorkspace />}
            {can('tenant.delete') && <DeleteWorkspace workspace={data} />}
          </div>
        )}
      </Loaded>
    </>
  );
}
