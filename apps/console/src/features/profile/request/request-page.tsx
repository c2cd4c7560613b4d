'use client';

import { useQuery } from '@tanstack/react-query';

import { useTRPC } from '../../../trpc/client.tsx';
import { useMe } from '../../../trpc/use-me.ts';
import { usePath } from '../../../trpc/use-path.ts';
import { LinkButton } from '../../../ui/button.tsx';
import { Banner } from '../../../ui/layout/card.tsx';
import { PageHeader } from '../../../ui/layout/page-header.tsx';
import { Badge } from '../../../ui/status/badge.tsx';
import { Loaded } from '../../../ui/status/loaded.tsx';
import { describeCount } from '../../../ui/text/count.ts';
import { RelativeTime } from '../../../ui/text/relative-time.tsx';
import { LeftOut } from '../publish/preview-dialog.tsx';
import { VersionChanges } from '../publish/version-changes-list.tsx';
import { toVersionContent } from '../publish/version-changes.ts';
import { RequestConsent } from './request-consent.tsx';
import { describeOutcome, describeWanted, type RequestDetail } from './request-words.ts';
import { SendBackButton } from './send-back.tsx';

const STATE = {
  open: { tone: 'warn', word: 'Open' },
  published: { tone: 'ok', word: 'Published' },
  sent_back: { tone: 'neutral', word: 'Sent back' },
  withdrawn: { tone: 'neutral', word: 'Withdrawn' },
} as const satisfies Record<RequestDetail['request']['state'], unknown>;

/** What somebody would publish of a profile: all that its owner looks at before agreeing, whatever the role. */
export function RequestPage({ requestId }: { requestId: string }) {
  const trpc = useTRPC();
  const request = useQuery(trpc.profile.publishRequest.queryOptions({ requestId }));
  return (
    <Loaded isPage query={request} errorTitle="The request could not be loaded">
      {(detail) => <Page detail={detail} />}
    </Loaded>
  );
}

function Page({ detail }: { detail: RequestDetail }) {
  const path = usePath();
  const { holds } = useMe();
  const { request, offer, problem } = detail;
  const { profile, state } = request;
  return (
    <>
      <PageHeader
        title={`${profile.name} · ${offer ? `version ${offer.version}` : describeWanted(request).toLowerCase()}`}
        object={profile.name}
        status={<Badge tone={STATE[state].tone}>{STATE[state].word}</Badge>}
        sub={<Origin detail={detail} />}
        actions={holds('profile.read') && <LinkButton href={path(`/profiles/${profile.slug}`)}>Open the profile</LinkButton>}
      />
      <div className="flex max-w-[56rem] flex-col gap-4">
        <Standing detail={detail} />
        {problem !== null && (
          <Banner
            tone="warn"
            title="It cannot be published now"
            action={detail.canSendBack && <SendBackButton request={request} />}
          >
            {problem}
          </Banner>
        )}
        {offer && <What offer={offer} />}
      </div>
    </>
  );
}

/** Who asked for it, when, and what for. */
function Origin({ detail: { request } }: { detail: RequestDetail }) {
  const { requestedBy, requestedAt, rolledBackTo, note } = request;
  return (
    <>
      {requestedBy.name} {rolledBackTo === null ? 'asked for a new version' : `asked to go back to version ${rolledBackTo}`}{' '}
      <RelativeTime at={requestedAt} />
      {note !== '' && <span className="break-words">: “{note}”</span>}
    </>
  );
}

/** What it waits for, or what came of it. */
function Standing({ detail }: { detail: RequestDetail }) {
  const { request, offer } = detail;
  const { consented, decidedAt, reason } = request;
  const outcome = describeOutcome(request);
  if (outcome !== null) {
    return (
      <Banner tone={request.state === 'published' ? 'ok' : 'info'} title={outcome}>
        {decidedAt && <RelativeTime at={decidedAt} />}
        {reason !== null && <span className="break-words">: “{reason}”</span>}
        {consented && <Agreed consented={consented} />}
      </Banner>
    );
  }
  if (!offer) return null;
  return (
    <>
      {request.proposed && !offer.isProposed && (
        <Banner tone="info" title="It is not what was published any more">
          {request.proposed.by.name} published something else <RelativeTime at={request.proposed.at} />, or may not publish any
          more. What is here now waits to be published again.
        </Banner>
      )}
      {offer.missing !== null && <RequestConsent detail={detail} offer={offer} />}
      {offer.missing === null && <Settled detail={detail} isAgreed={offer.isAgreed} />}
    </>
  );
}

/** Nobody has to agree any more, or nobody has to at all. */
function Settled({ detail, isAgreed }: { detail: RequestDetail; isAgreed: boolean }) {
  const { request, canSendBack, canPublish } = detail;
  return (
    <Banner
      tone="info"
      title={isAgreed ? 'It is agreed to, and waits to be published' : 'It waits to be published'}
      action={canSendBack && <SendBackButton request={request} />}
    >
      {canPublish ? 'Publish it on the page of the profile.' : 'An admin or an owner of the workspace publishes it.'}
      {isAgreed && request.consented && <Agreed consented={request.consented} />}
    </Banner>
  );
}

function Agreed({ consented: { by, at, withoutOwner } }: { consented: NonNullable<RequestDetail['request']['consented']> }) {
  return (
    <>
      {' '}
      {withoutOwner === null ? `${by.name} agreed` : `${by.name} went on without the owner`} <RelativeTime at={at} />
      {withoutOwner !== null && <span className="break-words">: “{withoutOwner}”</span>}
    </>
  );
}

/** The same words in which whoever publishes has seen it. */
function What({ offer }: { offer: NonNullable<RequestDetail['offer']> }) {
  const { document, published, serverNames, leftOut, sites, people } = offer;
  return (
    <>
      <LeftOut title="Cannot come back now, and is left out" problems={leftOut} />
      <p>
        It would be served at {sites.join(', ')}, for{' '}
        <span className="font-medium">{describeCount(people, 'person', 'people')}</span>.
      </p>
      <VersionChanges
        title={published ? `Different from version ${published.version}, which is served` : 'The first version'}
        after={toVersionContent(document, serverNames)}
        before={published?.document ?? null}
      />
    </>
  );
}
