'use client';

import { type ReactNode, useState } from 'react';

import { Button } from '../../ui/button.tsx';
import { Card } from '../../ui/layout/card.tsx';
import { describeCount } from '../../ui/text/count.ts';
import { ChangeApprovers } from './change-approvers.tsx';
import { ChangeOwner } from './change-owner.tsx';
import type { Approver, Owned } from './owned.ts';

export interface DutyCardProps {
  of: Owned;
  /** may say who owns it and who decides */
  manages: boolean;
  /** beside the buttons */
  actions?: ReactNode;
}

/** Who answers for a profile or server, and who decides what waits about it. */
export function DutyCard({ of, manages, actions }: DutyCardProps) {
  const [editing, setEditing] = useState<'owner' | 'approvers' | null>(null);
  const close = (): void => setEditing(null);
  return (
    <Card title="Who decides" actions={actions} padded={false}>
      <div className="divide-y divide-line">
        <Row
          action={
            manages && (
              <Button size="small" onClick={() => setEditing('owner')}>
                Change owner…
              </Button>
            )
          }
        >
          <OwnerWords of={of} />
        </Row>
        <Row
          action={
            manages && (
              <Button size="small" onClick={() => setEditing('approvers')}>
                Change approvers…
              </Button>
            )
          }
        >
          <ApproverWords of={of} />
        </Row>
      </div>
      {editing === 'owner' && <ChangeOwner of={of} onClose={close} />}
      {editing === 'approvers' && <ChangeApprovers of={of} onClose={close} />}
    </Card>
  );
}

function Row({ action, children }: { action: ReactNode; children: ReactNode }) {
  return (
    <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 px-4 py-3">
      <p className="min-w-0 flex-[1_1_16rem]">{children}</p>
      {action}
    </div>
  );
}

function OwnerWords({ of: { kind, owner, isAsked, isAskable } }: { of: Owned }) {
  const isGroup = owner?.kind === 'group';
  return (
    <>
      <span className="font-medium">{owner ? owner.name : 'Nobody'}</span>{' '}
      {kind === 'profile' ? (
        <>
          {isGroup ? 'own it, and decide' : owner ? 'owns it, and decides' : 'owns it, so admins decide'} on requests for access.{' '}
          {isAsked
            ? `${isGroup ? 'One of them agrees' : 'Agrees'} to a new version before it takes effect. `
            : owner?.kind === 'person' && 'Made it, so is not asked about new versions. '}
          <span className="text-muted">
            {isAskable ? 'Once it is published, members can ask for access.' : 'Members cannot ask for access.'}
          </span>
        </>
      ) : (
        <>
          {isGroup ? 'own it' : 'owns it'}
          {owner
            ? `, and ${isGroup ? 'agree' : 'agrees'} to what is approved of it before that takes effect. Whoever brought it in is not asked.`
            : ', so nobody is told of its reviews beside those who decide them.'}
        </>
      )}
    </>
  );
}

const BY_ROLE = {
  profile: 'No approver is named, so its owner and the admins decide on requests.',
  server: 'No approver is named, so whoever has the role of a reviewer, admin or owner approves what it offers.',
};
/** After one name, or after several. */
const BY_NAME = {
  profile: [
    'decides on requests, beside its owner. Nobody decides on what they asked for themselves.',
    'decide on requests, beside its owner. Nobody decides on what they asked for themselves.',
  ],
  server: [
    'alone approves what it offers. Whoever brought it in approves nothing of it.',
    'alone approve what it offers. Whoever brought it in approves nothing of it.',
  ],
} as const;

function ApproverWords({ of: { kind, approvers } }: { of: Owned }) {
  if (approvers.length === 0) return BY_ROLE[kind];
  const canNobody = approvers.every(({ people }) => people === 0);
  return (
    <>
      {approvers.map((approver, index) => (
        <span key={approver.id}>
          {index > 0 && (index === approvers.length - 1 ? ' and ' : ', ')}
          <span className="font-medium">{approver.name}</span>{' '}
          <span className="text-muted">({describePeople(kind, approver)})</span>
        </span>
      ))}{' '}
      {canNobody ? (
        <span className="text-danger-fg">cannot decide any more. Name somebody else, or nobody.</span>
      ) : (
        BY_NAME[kind][approvers.length === 1 ? 0 : 1]
      )}
    </>
  );
}

/** "group, 4 people", "person", or why it is nobody who could decide. */
function describePeople(of: Owned['kind'], { kind, people }: Pick<Approver, 'kind' | 'people'>): string {
  if (kind === 'group')
    return people === 0 ? 'group, nobody who can decide' : `group, ${describeCount(people, 'person', 'people')}`;
  if (people > 0) return 'person';
  return of === 'server' ? 'has left, or decides no reviews' : 'has left';
}
