'use client';

import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { type AccountOutput, useAccountTRPC } from '../../../trpc/account-client.tsx';
import { Button } from '../../../ui/button.tsx';
import { MenuItem } from '../../../ui/overlay/menu.tsx';
import { RowActions } from '../../../ui/overlay/row-actions.tsx';
import { Loaded } from '../../../ui/status/loaded.tsx';
import { DayTime, RelativeTime } from '../../../ui/text/relative-time.tsx';
import { AccountSection, LineSkeleton } from '../account-section.tsx';
import { AddPasskey } from './add-passkey.tsx';
import { RemovePasskey } from './remove-passkey.tsx';
import { RenamePasskey } from './rename-passkey.tsx';

export type Passkey = AccountOutput['listPasskeys']['passkeys'][number];
type Act = { kind: 'add' } | { kind: 'rename' | 'remove'; passkey: Passkey };

/** The passkeys of the person, and how to add, rename and remove one. */
export function PasskeyList() {
  const trpc = useAccountTRPC();
  const [act, setAct] = useState<Act | null>(null);
  const found = useQuery(trpc.listPasskeys.queryOptions());
  const close = () => setAct(null);
  return (
    <AccountSection title="Passkeys">
      <Loaded query={found} skeleton={<LineSkeleton />} errorTitle="Your passkeys could not be loaded">
        {({ possible, passkeys }) => (
          <>
            {passkeys.length === 0 && (
              <p className="text-muted">
                {possible
                  ? 'You have none. A passkey is kept by a device or a password manager, and opens your account without a password.'
                  : 'Browsers make passkeys only for a console that is reached over https by a name. Who runs Gatehouse for you can set that up.'}
              </p>
            )}
            {passkeys.length > 0 && (
              <ul aria-label="Passkeys" className="divide-y divide-line rounded-card border border-line bg-surface">
                {passkeys.map((passkey) => (
                  <PasskeyRow key={passkey.id} passkey={passkey} onAct={setAct} />
                ))}
              </ul>
            )}
            {possible && (
              <Button className="mt-3" onClick={() => setAct({ kind: 'add' })}>
                Add a passkey
              </Button>
            )}
          </>
        )}
      </Loaded>
      {act?.kind === 'add' && <AddPasskey onClose={close} />}
      {act?.kind === 'rename' && <RenamePasskey passkey={act.passkey} onClose={close} />}
      {act?.kind === 'remove' && <RemovePasskey passkey={act.passkey} onClose={close} />}
    </AccountSection>
  );
}

function PasskeyRow({ passkey, onAct }: { passkey: Passkey; onAct: (act: Act) => void }) {
  const { name, createdAt, lastUsedAt } = passkey;
  return (
    <li className="flex items-center justify-between gap-3 px-4 py-2.5">
      <div className="min-w-0 flex-1 wrap-anywhere">
        <p className="font-medium">{name}</p>
        <p className="text-xs text-subtle">
          Since <DayTime at={createdAt} />,{' '}
          {lastUsedAt ? (
            <>
              last used <RelativeTime at={lastUsedAt} />
            </>
          ) : (
            'not used yet'
          )}
        </p>
      </div>
      <RowActions label={`Actions for ${name}`}>
        <MenuItem onClick={() => onAct({ kind: 'rename', passkey })}>Rename…</MenuItem>
        <MenuItem tone="danger" onClick={() => onAct({ kind: 'remove', passkey })}>
          Remove…
        </MenuItem>
      </RowActions>
    </li>
  );
}
