'use client';

import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { useTRPC, type ApiOutput } from '../../trpc/client.tsx';
import { Choice } from '../../ui/choice.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { JsonView } from '../../ui/json-view.tsx';
import { Loaded } from '../../ui/loaded.tsx';
import { Skeleton } from '../../ui/states.tsx';
import type { ProfileDetail } from './draft.ts';

type Preview = ApiOutput['profile']['preview'];

export interface PreviewDialogProps {
  detail: ProfileDetail;
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

/** The very `tools/list` that AI clients get: of the draft, or of what is served now. */
export function PreviewDialog({ detail, open, onOpenChange }: PreviewDialogProps) {
  const trpc = useTRPC();
  const [of, setOf] = useState<'draft' | 'published'>('draft');
  const preview = useQuery(
    trpc.profile.preview.queryOptions({ profileId: detail.profile.id, of }, { enabled: open, staleTime: 0 }),
  );
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      size="large"
      title="What an AI client sees"
      description="The answer to tools/list, made by the same code that makes the served one."
    >
      <div className="flex flex-col gap-3">
        {detail.published && (
          <Choice
            label="Version to show"
            className="self-start"
            value={of}
            onValueChange={setOf}
            options={[
              { value: 'draft', label: 'Draft' },
              { value: 'published', label: `Version ${detail.published.version}` },
            ]}
          />
        )}
        <Loaded query={preview} skeleton={<Skeleton className="h-64" />} errorTitle="The preview could not be made">
          {(data) => (
            <>
              <p className="text-muted">
                {data.tools.length === 1 ? '1 tool' : `${data.tools.length} tools`}, {data.bytes.toLocaleString('en')} bytes as
                sent; the line breaks are for reading.
              </p>
              <PreviewProblems problems={data.problems} />
              <JsonView value={{ tools: data.tools }} label="tools/list" />
            </>
          )}
        </Loaded>
      </div>
    </Dialog>
  );
}

/** Selected tools that would not be served, each with the reason. */
export function PreviewProblems({ problems }: Pick<Preview, 'problems'>) {
  if (problems.length === 0) return null;
  return (
    <div className="rounded-control bg-warn-bg px-3 py-2 text-warn-fg">
      <p className="font-medium">Selected, but left out</p>
      <ul>
        {problems.map(({ serverSlug, toolName, text }) => (
          <li key={`${serverSlug} ${toolName}`}>
            <span className="font-mono text-xs">
              {serverSlug}/{toolName}
            </span>
            : {text}
          </li>
        ))}
      </ul>
    </div>
  );
}
