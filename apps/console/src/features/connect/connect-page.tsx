'use client';

import { useQuery } from '@tanstack/react-query';
import { parseAsStringLiteral, useQueryState } from 'nuqs';
import { useState } from 'react';

import { useTRPC, type ApiOutput } from '../../trpc/client.tsx';
import { useMe } from '../../trpc/use-me.ts';
import { usePath } from '../../trpc/use-path.ts';
import { LinkButton } from '../../ui/button.tsx';
import { Choice } from '../../ui/form/choice.tsx';
import { Banner, Card } from '../../ui/layout/card.tsx';
import { PageHeader } from '../../ui/layout/page-header.tsx';
import { Tabs } from '../../ui/layout/tabs.tsx';
import { Loaded } from '../../ui/status/loaded.tsx';
import { Bar, SkeletonPage } from '../../ui/status/states.tsx';
import { CodeBox, CopyText } from '../../ui/text/copy.tsx';
import { formatDay } from '../../ui/text/time.ts';
import { UTC } from '../../ui/text/zone.ts';
import { CreateKey, type CreatedKey } from './create-key.tsx';
import { describeMissingEndpoint, describeSilence, findUsable } from './endpoint-words.ts';
import { FirstCall } from './first-call.tsx';
import { KeyList } from './key-list.tsx';
import { type ConnectTarget, type Recipe, RECIPES } from './recipes.ts';

type Detail = ApiOutput['profile']['get'];
type Endpoints = ApiOutput['profile']['endpoints'];

const CLIENTS = RECIPES.map(({ id }) => id);

/** From "I have access" to "my AI client works": endpoint, key, the client's own way to add it, and the first call as it arrives. */
export function ConnectPage({ slug }: { slug: string }) {
  const trpc = useTRPC();
  const profile = useQuery(trpc.profile.get.queryOptions({ slug }));
  const endpoints = useQuery(trpc.profile.endpoints.queryOptions({ slug }));
  return (
    <Loaded isPage query={profile} skeleton={<ConnectSkeleton />} errorTitle="The profile could not be loaded">
      {(detail) => (
        <Loaded isPage query={endpoints} skeleton={<ConnectSkeleton />} errorTitle="The endpoints could not be loaded">
          {(reached) => <Page detail={detail} endpoints={reached} />}
        </Loaded>
      )}
    </Loaded>
  );
}

function ConnectSkeleton() {
  return (
    <div className="mx-auto max-w-4xl">
      <SkeletonPage>
        <div className="flex flex-col gap-4">
          {['endpoint', 'key', 'client'].map((step) => (
            <div key={step} className="h-24 rounded-card border border-line bg-surface p-4">
              <Bar className="w-40" />
            </div>
          ))}
        </div>
      </SkeletonPage>
    </div>
  );
}

function Page({ detail, endpoints }: { detail: Detail; endpoints: Endpoints }) {
  const { profile, published, hasAccess } = detail;
  const { can } = useMe();
  const [created, setCreated] = useState<CreatedKey | null>(null);
  const [siteId, setSiteId] = useState<string | null>(null);
  const endpoint = endpoints.find((one) => one.siteId === siteId) ?? findUsable(endpoints) ?? endpoints[0];
  return (
    <div className="mx-auto max-w-4xl">
      <PageHeader title={`Connect to ${profile.name}`} object={profile.name} sub={profile.description || undefined} />
      <div className="flex flex-col gap-4">
        <Refusal detail={detail} />
        <Step number={1} title="Endpoint">
          {endpoints.length > 1 && (
            <Choice
              label="Site"
              className="mb-3"
              value={endpoint?.siteId ?? null}
              onValueChange={setSiteId}
              options={endpoints.map((one) => ({ value: one.siteId, label: one.siteName }))}
            />
          )}
          {endpoint?.url ? (
            <>
              <CopyText text={endpoint.url} label="endpoint" className="text-sm" />
              <Silence endpoint={endpoint} />
            </>
          ) : (
            <p className="text-muted">{describeMissingEndpoint(endpoint?.siteName, can('agent.manage'))}</p>
          )}
        </Step>
        <Step number={2} title="Key">
          <CreateKey profileId={profile.id} allowed={hasAccess} created={created} onCreated={setCreated} />
        </Step>
        <Step number={3} title="AI client">
          {endpoint?.url ? (
            <Clients
              target={{ profileSlug: profile.slug, profileName: profile.name, url: endpoint.url, key: created?.key ?? null }}
            />
          ) : (
            <p className="text-muted">Needs the endpoint.</p>
          )}
        </Step>
        {published && hasAccess && (
          <Step number={4} title="Your last call">
            <FirstCall profileId={profile.id} profileName={profile.name} />
          </Step>
        )}
        <KeyList title="Your keys for this profile" profileId={profile.id} own />
      </div>
    </div>
  );
}

function Silence({ endpoint }: { endpoint: Endpoints[number] }) {
  const silence = describeSilence(endpoint);
  return silence !== null && <p className="mt-2 text-warn-fg">{silence}</p>;
}

/** Why nothing can be connected yet, and the way out where there is one. */
function Refusal({ detail }: { detail: Detail }) {
  const path = usePath();
  const { can } = useMe();
  const mayGive = can('profile.publish');
  const refusal = findConnectProblem(detail, mayGive);
  if (refusal === null) return null;
  const { slug, isAskable } = detail.profile;
  const wayOut = mayGive ? (
    <LinkButton href={path(`/profiles/${slug}?tab=access`)}>Open access</LinkButton>
  ) : (
    isAskable && <LinkButton href={path('/connect')}>Ask for access</LinkButton>
  );
  return (
    <Banner tone="warn" title={refusal.title} action={refusal.isAccess && wayOut}>
      {refusal.text}
    </Banner>
  );
}

interface ConnectProblem {
  title: string;
  text: string;
  /** it is ended where access is given */
  isAccess?: true;
}

function findConnectProblem({ profile, published, hasAccess }: Detail, mayGive: boolean): ConnectProblem | null {
  if (profile.archivedAt !== null)
    return { title: 'This profile is archived', text: 'Its endpoint refuses every call until an admin or an owner restores it.' };
  if (profile.disabledAt !== null)
    return { title: 'This profile is off', text: 'Its endpoint refuses every call until someone turns it on again.' };
  if (!published) return { title: 'Not published yet', text: 'AI clients get nothing before the first version is published.' };
  if (!hasAccess)
    return {
      title: 'You have no access to it',
      text: mayGive
        ? 'Your role manages it, and uses it only with access. Give it to yourself or a group of yours; then you can make a key here.'
        : `An admin or an owner of the workspace gives it${profile.isAskable ? ', or you ask for it' : ''}. Then you can make a key here.`,
      isAccess: true,
    };
  return null;
}

function Step({ number, title, children }: { number: number; title: string; children: React.ReactNode }) {
  return (
    <Card>
      <div className="flex gap-4">
        <span
          aria-hidden
          className="flex size-6 shrink-0 items-center justify-center rounded-full bg-active text-xs font-medium tabular-nums"
        >
          {number}
        </span>
        <div className="min-w-0 flex-1">
          <h2 className="mb-2 text-sm leading-6 font-semibold">{title}</h2>
          {children}
        </div>
      </div>
    </Card>
  );
}

function Clients({ target }: { target: ConnectTarget }) {
  const [client, setClient] = useQueryState('client', parseAsStringLiteral(CLIENTS).withDefault('claude-code'));
  return (
    <Tabs
      label="AI client"
      value={client}
      onValueChange={(next) => void setClient(next)}
      tabs={RECIPES.map((recipe) => ({
        value: recipe.id,
        label: recipe.label,
        content: <RecipeView recipe={recipe} target={target} />,
      }))}
    />
  );
}

function RecipeView({ recipe, target }: { recipe: Recipe; target: ConnectTarget }) {
  const install = recipe.install?.(target);
  const mask = target.key === null ? [] : [target.key];
  return (
    <div className="flex flex-col gap-5">
      {install && (
        <div>
          <a
            href={install.href}
            className="inline-flex h-8 items-center rounded-control bg-accent px-3 text-sm font-medium text-white transition-colors hover:bg-accent-hover"
          >
            {install.label}
          </a>
        </div>
      )}
      {recipe.download && (
        <div>
          <a
            href={recipe.download.href}
            download
            className="inline-flex h-8 items-center rounded-control border border-kumo-line bg-surface px-3 text-sm font-medium hover:bg-sunken"
          >
            {recipe.download.label}
          </a>
        </div>
      )}
      {recipe.buildBlocks(target).map((block) => (
        <section key={block.title}>
          <div className="mb-1.5 flex flex-wrap items-baseline justify-between gap-2">
            <h3 className="font-medium">{block.title}</h3>
            <span className="font-mono text-xs text-subtle">{block.place}</span>
          </div>
          <CodeBox code={block.text} label={block.title} mask={mask} />
        </section>
      ))}
      <p>
        <span className="font-medium">Did it work?</span> {recipe.check}
      </p>
      <ul className="list-disc pl-4 text-xs text-subtle marker:text-line">
        {recipe.limits.map((limit) => (
          <li key={limit}>{limit}</li>
        ))}
        <li>Checked on {formatDay(new Date(recipe.checkedOn), UTC)}.</li>
      </ul>
    </div>
  );
}
