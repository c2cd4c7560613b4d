'use client';

import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { useTRPC, type ApiOutput } from '../../../trpc/client.tsx';
import { ENTRY_GROUPS, type EntryGroup } from '../../../ui/entity/entry-group.ts';
import { Choice } from '../../../ui/form/choice.tsx';
import { Select } from '../../../ui/form/select.tsx';
import { Tabs } from '../../../ui/layout/tabs.tsx';
import { useMade } from '../../../ui/list/use-shown.tsx';
import { Dialog } from '../../../ui/overlay/dialog.tsx';
import { Loaded } from '../../../ui/status/loaded.tsx';
import { Bar } from '../../../ui/status/states.tsx';
import { JsonView } from '../../../ui/text/json-view.tsx';
import { UntrustedText } from '../../../ui/text/untrusted-text.tsx';
import type { ProfileDetail } from '../draft/draft.ts';
import { RenderedTool } from '../tool/served-tool.tsx';
import { TokenCost } from '../tool/token-cost.tsx';
import { describeDenied } from './describe-denied.ts';

type Preview = ApiOutput['profile']['preview'];

export interface PreviewDialogProps {
  detail: ProfileDetail;
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

/** The very lists that AI clients get: of the draft, or of what is served now. */
export function PreviewDialog({ detail, open, onOpenChange }: PreviewDialogProps) {
  const [list, setList] = useState<EntryGroup>('tools');
  const [shown, setShown] = useState<Shown>({ of: 'draft', view: 'reading' });
  const { of, view, siteId } = shown;
  const query = useQuery(
    useTRPC().profile.preview.queryOptions({ profileId: detail.profile.id, of, siteId }, { enabled: open, staleTime: 0 }),
  );
  const { data } = query;
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      size="large"
      title="What an AI client sees"
      description="The answers to its list calls, made by the same code that makes the served ones."
    >
      <div className="flex flex-col gap-3">
        <ShownChoices shown={shown} onChange={setShown} detail={detail} />
        <Tabs
          label="Lists"
          value={list}
          onValueChange={setList}
          tabs={[
            { value: 'tools', label: ENTRY_GROUPS.tools.title, count: data?.tools.length },
            { value: 'prompts', label: ENTRY_GROUPS.prompts.title, count: data?.prompts.length },
            {
              value: 'resources',
              label: ENTRY_GROUPS.resources.title,
              count: data && data.resources.length + data.resourceTemplates.length,
            },
            { value: 'instructions', label: ENTRY_GROUPS.instructions.title },
          ]}
        />
        <Loaded query={query} skeleton={<Bar className="h-64" />} errorTitle="The preview could not be made">
          {(preview) => (
            <>
              <PreviewProblems problems={preview.problems} />
              {list === 'tools' && <Tools preview={preview} view={view} denied={describeDenied(listEntries(detail, of))} />}
              {list === 'prompts' && <Prompts preview={preview} view={view} />}
              {list === 'resources' && <Resources preview={preview} view={view} />}
              {list === 'instructions' && <Instructions preview={preview} />}
            </>
          )}
        </Loaded>
      </div>
    </Dialog>
  );
}

interface Shown {
  of: 'draft' | 'published';
  view: 'reading' | 'json';
  /** left out: the first */
  siteId?: string;
}

interface ShownChoicesProps {
  shown: Shown;
  onChange: (shown: Shown) => void;
  detail: Pick<ProfileDetail, 'published' | 'sites'>;
}

/** Which version, at which site, and whether it is read or seen as sent. */
function ShownChoices({ shown, onChange, detail: { published, sites } }: ShownChoicesProps) {
  return (
    <div className="flex flex-wrap items-center gap-2">
      {published && (
        <Choice
          label="Version to show"
          value={shown.of}
          onValueChange={(of) => onChange({ ...shown, of })}
          options={[
            { value: 'draft', label: 'Draft' },
            { value: 'published', label: `Version ${published.version}` },
          ]}
        />
      )}
      {sites.length > 1 && (
        <Select
          aria-label="Site to show"
          size="small"
          value={shown.siteId ?? sites[0]?.id ?? ''}
          onValueChange={(siteId) => onChange({ ...shown, siteId })}
          options={sites.map(({ id, name }) => ({ value: id, label: name }))}
        />
      )}
      <Choice
        label="View of the lists"
        className="ml-auto"
        value={shown.view}
        onValueChange={(view) => onChange({ ...shown, view })}
        options={[
          { value: 'reading', label: 'Reading' },
          { value: 'json', label: 'JSON' },
        ]}
      />
    </div>
  );
}

/** Each schema is a tree of its own: the dialog is there before all of them are made. */
const TOOLS_AT_ONCE = 5;

interface ListProps {
  preview: Preview;
  view: Shown['view'];
}

/** What is selected in the version that is shown. */
function listEntries({ draft, published }: ProfileDetail, of: Shown['of']) {
  return (of === 'draft' ? draft?.entries : published?.document.entries) ?? [];
}

function Tools({ preview: { tools, originalTools, bytes }, view, denied }: ListProps & { denied: string }) {
  const made = useMade(tools.length, TOOLS_AT_ONCE);
  return (
    <>
      <div>
        <TokenCost before={JSON.stringify(originalTools)} after={JSON.stringify(tools)} />
        <p className="text-xs text-subtle tabular-nums">
          {bytes.toLocaleString('en')} bytes as sent{view === 'json' && '; the line breaks are for reading'}. {denied}
        </p>
      </div>
      {view === 'json' && <JsonView value={{ tools }} label="tools/list" />}
      {view === 'reading' && (
        <ul className="flex flex-col divide-y divide-line">
          {tools.slice(0, made).map((tool) => (
            <li key={tool.name} className="py-4 first:pt-1">
              <RenderedTool tool={tool} />
            </li>
          ))}
        </ul>
      )}
      {view === 'reading' && tools.length === 0 && <p className="text-muted">No tools.</p>}
    </>
  );
}

function Prompts({ preview: { prompts }, view }: ListProps) {
  if (view === 'json') return <JsonView value={{ prompts }} label="prompts/list" />;
  if (prompts.length === 0) return <p className="text-muted">No prompts.</p>;
  return (
    <ul className="flex flex-col divide-y divide-line">
      {prompts.map(({ name, title, description, arguments: args = [] }) => (
        <li key={name} className="flex flex-col gap-1 py-3 first:pt-1">
          <Entry name={name} text={[title, description]} />
          {args.length > 0 && (
            <p className="text-xs text-subtle">
              Arguments:{' '}
              <span className="font-mono">
                <UntrustedText text={args.map((arg) => `${arg.name}${arg.required ? ' (required)' : ''}`).join(', ')} />
              </span>
            </p>
          )}
        </li>
      ))}
    </ul>
  );
}

function Resources({ preview: { resources, resourceTemplates }, view }: ListProps) {
  if (view === 'json') {
    return (
      <>
        <JsonView value={{ resources }} label="resources/list" />
        <JsonView value={{ resourceTemplates }} label="resources/templates/list" />
      </>
    );
  }
  if (resources.length + resourceTemplates.length === 0) return <p className="text-muted">No resources.</p>;
  return (
    <ul className="flex flex-col divide-y divide-line">
      {[
        ...resources.map((entry) => ({ ...entry, address: entry.uri })),
        ...resourceTemplates.map((entry) => ({ ...entry, address: entry.uriTemplate })),
      ].map(({ address, name, title, description }) => (
        <li key={address} className="py-3 first:pt-1">
          <Entry name={address} text={[title ?? name, description]} />
        </li>
      ))}
    </ul>
  );
}

/** The description of the profile and what its servers say, as one text. */
function Instructions({ preview: { instructions } }: Pick<ListProps, 'preview'>) {
  return instructions === '' ? <p className="text-muted">No instructions.</p> : <UntrustedText text={instructions} />;
}

function Entry({ name, text }: { name: string; text: readonly (string | undefined)[] }) {
  const words = text.filter((part) => part !== undefined && part !== '').join(': ');
  return (
    <div className="min-w-0">
      <p className="font-mono text-xs font-medium">
        <UntrustedText text={name} isName />
      </p>
      {words !== '' && (
        <div className="text-muted">
          <UntrustedText text={words} />
        </div>
      )}
    </div>
  );
}

/** What is selected and would not be served, each with the reason. */
export function PreviewProblems({ problems }: Pick<Preview, 'problems'>) {
  return <LeftOut title="Selected, but left out" problems={problems} />;
}

/** Entries that cannot be served, each with the reason; nothing when there are none. */
export function LeftOut({ title, problems }: { title: string } & Pick<Preview, 'problems'>) {
  if (problems.length === 0) return null;
  return (
    <div className="rounded-control bg-warn-bg px-3 py-2 text-warn-fg">
      <p className="font-medium">{title}</p>
      <ul>
        {problems.map(({ serverSlug, kind, name, text }) => (
          <li key={`${serverSlug} ${kind} ${name} ${text}`}>
            <span className="font-mono text-xs">
              {serverSlug}/<UntrustedText text={name} isName />
            </span>
            : {text}
          </li>
        ))}
      </ul>
    </div>
  );
}
