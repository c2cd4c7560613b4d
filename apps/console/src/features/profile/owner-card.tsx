'use client';

import { useState } from 'react';

import { usePath } from '../../trpc/use-path.ts';
import { Button, LinkButton } from '../../ui/button.tsx';
import { Card } from '../../ui/layout/card.tsx';
import { ChangeOwner } from './change-owner.tsx';
import type { ProfileDetail } from './draft/draft.ts';

/** Who answers for the profile and decides who may use it. */
export function OwnerCard({ profile, manages }: Pick<ProfileDetail, 'profile'> & { manages: boolean }) {
  const path = usePath();
  const [editing, setEditing] = useState(false);
  const { owner, isAskable } = profile;
  return (
    <Card>
      <div className="flex flex-wrap items-center justify-between gap-3">
        <p className="min-w-0">
          <span className="font-medium">{owner ? owner.name : 'Nobody'}</span>{' '}
          {owner?.kind === 'group' ? 'own it, and decide' : owner ? 'owns it, and decides' : 'owns it, so admins decide'} who may
          use it.{' '}
          <span className="text-muted">
            {isAskable ? 'Once it is published, members can ask for access.' : 'Members cannot ask for access.'}
          </span>
        </p>
        <span className="flex flex-wrap gap-2">
          <LinkButton size="small" href={path('/access-requests')}>
            Access requests
          </LinkButton>
          {manages && (
            <Button size="small" onClick={() => setEditing(true)}>
              Change owner…
            </Button>
          )}
        </span>
      </div>
      {editing && <ChangeOwner profile={profile} onClose={() => setEditing(false)} />}
    </Card>
  );
}
