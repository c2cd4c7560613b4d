'use client';

import { ArrowClockwiseIcon, PencilSimpleIcon, PowerIcon } from '@phosphor-icons/react/ssr';
import { useMutation, useQuery } from '@tanstack/react-query';
import { parseAsStringLiteral, useQueryState } from 'nuqs';
import { type ReactNode, useState } from 'react';

import { sumCounts } from '@gatehouse/policy/documents/entry-counts';

import { useTRPC } from '../../trpc/client.tsx';
import { useMe } from '../../trpc/use-me.ts';
import { usePath } from '../../trpc/use-path.ts';
import { Button, LinkButton } from '../../ui/button.tsx';
import { filterByGroup, ENTRY_GROUPS, type EntryGroup } from '../../ui/entity/entry-group.ts';
import { leaveBy } from '../../ui/form/leaving.ts';
import { Banner, Card } from '../../ui/layout/card.tsx';
import { PageHeader } from '../../ui/layout/page-header.tsx';
import { ScrollRegion } from '../../ui/layout/scroll-region.tsx';
import { type TabItem, Tabs } from '../../ui/layout/tabs.tsx';
import { ConfirmDialog } from '../../ui/overlay/dialog.tsx';
import { useToast } from '../../ui/overlay/toast.tsx';
import { Loaded } from '../../ui/status/loaded.tsx';
import { ErrorLine } from '../../ui/status/states.tsx';
import { DiscoveryPanel } from './discovery/discovery-panel.tsx';
import { readListedOffer } from './discovery/left-out.ts';
import { LeftOut } from './discovery/left-out.tsx';
import { RediscoverDialog } from './discovery/rediscover-dialog.tsx';
import { ArchiveButton } from './end/archive-button.tsx';
import { ArchivedBanner } from './end/archived-banner.tsx';
import { ServerEntries } from './server-entries.tsx';
import { ServerFacts } from './server-facts.tsx';
import { ServerHealth } from './server-health.tsx';
import { ServerLimits } from './server-limits.tsx';
import { ServerRevisions } from './server-revisions.tsx';
import { ServerSites } from './server-sites.tsx';
import { type ServerDetail, ServerStateDot } from './server-state.tsx';
import { ServerWithheld } from './server-withheld.tsx';
import { useServerNow } from './use-server-now.ts';

const TABS = [
  'tools',
  'prompts',
  'resources',
  'instructions',
  'sites',
  'people',
  'revisions',
  'provenance',
  'health',
  'limits',
  'details',
] as const;

/** Parts of the page that other features draw. */
interface Beside {
  duties: ReactNode;
  provenance: ReactNode;
}

/** One server: its tools with what was decided on each, its revisions, and what the agents say of it. `duties`: who owns it and who decides; `provenance`: where it comes from. */
export function ServerPage({ slug, ...parts }: { slug: string } & Beside) {
  const trpc = useTRPC();
  const server = useQuery(trpc.server.get.queryOptions({ slug }));
  return (
    <Loaded isPage query={server} errorTitle="The server could not be loaded">
      {(data) => <Page server={data} {...parts} />}
    </Loaded>
  );
}

function Page({ server, ...parts }: { server: ServerDetail } & Beside) {
  const { can } = useMe();
  const { state, health } = useServerNow(server);
  const [tab, setTab] = useQueryState('tab', parseAsStringLiteral(TABS).withDefault('tools').withOptions({ history: 'push' }));
  const running = server.latestDiscovery?.status === 'waiting' || server.latestDiscovery?.status === 'running';
  const [watched, setWatched] = useState<string | null>(running ? (server.latestDiscovery?.id ?? null) : null);
  const failed = server.latestDiscovery?.status === 'failed' && watched === null;
  return (
    <>
      <PageHeader
        title={server.name}
        status={<ServerStateDot state={state} />}
        sub={server.purpose}
        actions={
          <>
            {can('server.manage') && server.archivedAt === null && (
              <>
                <DisableButton server={server} />
                <ArchiveButton server={server} />
              </>
            )}
            {can('discovery.start') && server.disabledAt === null && <LookAgain server={server} onStarted={setWatched} />}
          </>
        }
        primary={server.archivedAt === null && <EditButton server={server} />}
      />
      <div className="mb-5 flex flex-col gap-3 empty:hidden">
        <StateBanner server={server} />
        {server.disabledAt === null && <ServerWithheld {...health} />}
        {watched === null && <LastLooks server={server} />}
        {failed && server.latestDiscovery && (
          <Card title="The last look failed">
            <DiscoveryPanel discoveryId={server.latestDiscovery.id} onServerPage />
          </Card>
        )}
        {watched !== null && (
          <Card
            title="Looking at the server"
            actions={
              <Button variant="ghost" size="small" onClick={() => setWatched(null)}>
                Close
              </Button>
            }
          >
            <DiscoveryPanel discoveryId={watched} onServerPage />
          </Card>
        )}
      </div>
      <Tabs
        label="Parts of the server"
        value={tab}
        onValueChange={(next) => leaveBy(() => void setTab(next))}
        tabs={[...getEntryTabs(server), ...getOtherTabs(server, health, parts)]}
      />
    </>
  );
}

const NO_NOTES = { leftOut: [], hasSecret: false };

/** What the last look of each site could not take in: it is missed where somebody looks for it, long after the look itself. */
function LastLooks({ server: { latestDiscovery: discovery, heldBack } }: { server: ServerDetail }) {
  const offer = readListedOffer(discovery?.status === 'succeeded' ? discovery.stages : []);
  if (offer.leftOut.length === 0 && heldBack.length === 0) return null;
  return (
    <Banner tone="warn" title="The last look could not take in all of it">
      {offer.leftOut.length > 0 && <LeftOut offer={offer} heldBack={null} />}
      {heldBack.map((look) => (
        <section key={look.site.id} aria-label={`Left out at ${look.site.name}`} className="mt-1">
          {heldBack.length > 1 && <h2 className="mb-1 font-medium">{look.site.name}</h2>}
          <ScrollRegion label={`What is left out at ${look.site.name}`} className="max-h-96">
            <LeftOut offer={NO_NOTES} heldBack={look} />
          </ScrollRegion>
        </section>
      ))}
    </Banner>
  );
}

/** What else there is to know of it. */
function getOtherTabs(
  server: ServerDetail,
  health: ServerDetail['health'],
  { duties, provenance }: Beside,
): TabItem<(typeof TABS)[number]>[] {
  return [
    { value: 'sites', label: 'Sites', count: server.sites.length, content: <ServerSites server={server} /> },
    {
      value: 'revisions',
      label: 'Revisions',
      count: server.revisions.length,
      content: <ServerRevisions server={server} />,
    },
    { value: 'provenance', label: 'Provenance', content: provenance },
    { value: 'people', label: 'People', content: duties },
    { value: 'health', label: 'Health', content: <ServerHealth kind={server.kind} {...health} /> },
    { value: 'limits', label: 'Limits', content: <ServerLimits server={server} /> },
    { value: 'details', label: 'Details', content: <ServerFacts server={server} /> },
  ];
}

const hasOnlyTools = ({ offered }: ServerDetail): boolean => sumCounts(offered) === offered.tool;

/** Prompts, resources and instructions only for a server that offers some: most have tools alone. */
function getEntryTabs(server: ServerDetail): TabItem<(typeof TABS)[number]>[] {
  const groups: readonly EntryGroup[] = hasOnlyTools(server) ? ['tools'] : ['tools', 'prompts', 'resources', 'instructions'];
  return groups.map((group) => {
    const entries = filterByGroup(group, server.entries);
    return {
      value: group,
      label: ENTRY_GROUPS[group].title,
      count: entries.length,
      content: <ServerEntries group={group} entries={entries} wasRead={hasOwnRevision(server)} />,
    };
  });
}

/** Who adds servers and does not manage them hears in advance who does. */
function EditButton({ server }: { server: ServerDetail }) {
  const path = usePath();
  const { can } = useMe();
  if (can('server.manage')) {
    return (
      <LinkButton icon={PencilSimpleIcon} href={path(`/servers/${server.slug}/edit`)}>
        Edit
      </LinkButton>
    );
  }
  if (!can('server.create')) return null;
  return (
    <Button icon={PencilSimpleIcon} disabledReason="Editing a server needs the role owner or admin. Ask one of them.">
      Edit
    </Button>
  );
}

/** What was found at another address says nothing of this one. */
const hasOwnRevision = ({ formerRevisions, revisions }: ServerDetail): boolean => (revisions[0]?.number ?? 0) > formerRevisions;

function StateBanner({ server }: { server: ServerDetail }) {
  const path = usePath();
  const { can } = useMe();
  if (server.archivedAt !== null) return <ArchivedBanner server={server} />;
  if (server.disabledAt !== null) {
    return (
      <Banner tone="warn" title="This server is disabled">
        Nothing of it can be used, whatever a profile holds. Reviews and profiles keep what they hold.{' '}
        {can('server.manage') && server.canEnable.reason}
      </Banner>
    );
  }
  if (server.formerRevisions > 0 && !hasOwnRevision(server)) {
    return (
      <Banner tone="warn" title="Nobody has looked at its new address yet">
        What was approved at the address before has ended, and nothing of it can be used. Look at it, then somebody else than
        whoever changed the address decides.
      </Banner>
    );
  }
  if (server.openReviewId === null) return null;
  const onlyTools = hasOnlyTools(server);
  const waiting =
    server.pendingCount === 1
      ? `1 ${onlyTools ? 'tool' : 'entry'} is`
      : `${server.pendingCount} ${onlyTools ? 'tools' : 'entries'} are`;
  return (
    <Banner
      tone="warn"
      title={server.state === 'Change held' ? 'A change is held' : 'A review is open'}
      action={
        <LinkButton href={path(`/reviews/${server.openReviewId}`)} size="small">
          Open the review
        </LinkButton>
      }
    >
      {waiting} off until someone decides. What was approved before and has not changed keeps working.
    </Banner>
  );
}

/** What a REST API offers stands in its description; anything else is asked by an agent. */
function LookAgain({ server, onStarted }: { server: ServerDetail; onStarted: (discoveryId: string) => void }) {
  const path = usePath();
  if (server.kind !== 'rest') return <RediscoverButton server={server} onStarted={onStarted} />;
  return (
    <LinkButton icon={ArrowClockwiseIcon} href={path(`/servers/${server.slug}/import`)}>
      Import again
    </LinkButton>
  );
}

function RediscoverButton({ server, onStarted }: { server: ServerDetail; onStarted: (discoveryId: string) => void }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button icon={ArrowClockwiseIcon} onClick={() => setOpen(true)}>
        Look again
      </Button>
      <RediscoverDialog server={server} open={open} onOpenChange={setOpen} onStarted={onStarted} />
    </>
  );
}

function DisableButton({ server }: { server: ServerDetail }) {
  const trpc = useTRPC();
  const toast = useToast();
  const [asking, setAsking] = useState(false);
  const disable = useMutation(trpc.server.disable.mutationOptions());
  const enable = useMutation(
    trpc.server.enable.mutationOptions({ onSuccess: () => toast({ title: `${server.name} is on again` }) }),
  );
  if (server.disabledAt !== null) {
    return (
      <>
        {enable.error && <ErrorLine error={enable.error} />}
        <Button
          icon={PowerIcon}
          loading={enable.isPending}
          disabledReason={server.canEnable.reason ?? undefined}
          onClick={() => enable.mutate({ serverId: server.id })}
        >
          Enable
        </Button>
      </>
    );
  }
  return (
    <>
      <Button variant="ghost" icon={PowerIcon} onClick={() => setAsking(true)}>
        Disable
      </Button>
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={`Disable ${server.name}?`}
        confirmLabel="Disable server"
        onConfirm={() => disable.mutateAsync({ serverId: server.id })}
      >
        Calls in progress finish. New ones are refused as soon as its agents have the new configuration.{' '}
        {describeUse(server.profileCount)} You can enable it again at any time.
      </ConfirmDialog>
    </>
  );
}

/** What becomes of the profiles that hold something of a disabled server. */
function describeUse(profileCount: number): string {
  if (profileCount === 0) return 'No profile uses it.';
  return profileCount === 1
    ? '1 profile uses it: it stays as it is, and serves the rest.'
    : `${profileCount} profiles use it: they stay as they are, and serve the rest.`;
}
