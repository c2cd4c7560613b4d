'use client';

import { useMutation, useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';

import { useTRPC, type ApiOutput } from '../../trpc/client.tsx';
import { Banner, Card } from '../../ui/card.tsx';
import { Button } from '../../ui/button.tsx';
import { CodeBox } from '../../ui/copy.tsx';
import { ConfirmDialog } from '../../ui/dialog.tsx';
import { Input } from '../../ui/input.tsx';
import { Loaded } from '../../ui/loaded.tsx';
import { RelativeTime } from '../../ui/relative-time.tsx';
import { ErrorLine } from '../../ui/states.tsx';
import { Table, type Column } from '../../ui/table.tsx';

type KeyRow = ApiOutput['clientKey']['list'][number];

const STATE_WORDS = { live: 'Live', expired: 'Expired', revoked: 'Revoked' } as const;

interface NewKeyProps {
  profileId: string;
  /** the key that was just made; it is shown once and put into the instructions */
  issued: string | null;
  onIssued: (key: string) => void;
}

/** Makes a key of one's own for this profile. */
export function NewKey({ profileId, issued, onIssued }: NewKeyProps) {
  const trpc = useTRPC();
  const [name, setName] = useState('');
  const create = useMutation(trpc.clientKey.create.mutationOptions({ onSuccess: ({ key }) => onIssued(key) }));

  function submit(event: FormEvent): void {
    event.preventDefault();
    create.mutate({ profileId, name });
  }

  if (issued !== null) {
    return (
      <div className="space-y-2">
        <Banner tone="ok" title="This key is shown once.">
          It is in the instructions below too. It works for you and this profile only, for 90 days.
        </Banner>
        <CodeBox label="Client key" code={issued} />
      </div>
    );
  }
  return (
    <form onSubmit={submit} className="flex flex-wrap items-end gap-2">
      <div className="w-72 max-w-full">
        <Input
          label="Name of the key"
          placeholder="Cursor on my laptop"
          required
          maxLength={80}
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
      </div>
      <Button type="submit" variant="primary" loading={create.isPending}>
        Create key
      </Button>
      {create.error && <ErrorLine error={create.error} className="w-full" />}
    </form>
  );
}

function columns(onRevoke: (row: KeyRow) => void): readonly Column<KeyRow>[] {
  return [
    { key: 'name', header: 'Key', cell: ({ name }) => name },
    { key: 'person', header: 'Person', hideBelow: 'md', cell: ({ person }) => person.name },
    { key: 'state', header: 'State', cell: ({ state }) => STATE_WORDS[state] },
    {
      key: 'expires',
      header: 'Expires',
      hideBelow: 'md',
      cell: ({ expiresAt }) => <RelativeTime at={expiresAt} className="text-subtle" />,
    },
    {
      key: 'revoke',
      header: '',
      align: 'end',
      cell: (row) =>
        row.state === 'live' && (
          <Button size="small" variant="ghost" onClick={() => onRevoke(row)}>
            Revoke
          </Button>
        ),
    },
  ];
}

/** Keys of a profile: one's own, or everybody's for an administrator. */
export function KeyList({ profileId, own }: { profileId: string; own: boolean }) {
  const trpc = useTRPC();
  const keys = useQuery(trpc.clientKey.list.queryOptions({ profileId, own }));
  const revoke = useMutation(trpc.clientKey.revoke.mutationOptions());
  const [chosen, setChosen] = useState<KeyRow | null>(null);
  return (
    <Card title={own ? 'Your keys' : 'Keys'} padded={false}>
      <Loaded query={keys} errorTitle="The keys could not be loaded">
        {(rows) => (
          <Table
            label="Keys"
            className="rounded-t-none border-0"
            columns={columns(setChosen)}
            rows={rows}
            rowKey={({ id }) => id}
            density="comfortable"
            empty={<p className="px-4 py-6 text-center text-muted">No key yet. An AI client needs one to connect.</p>}
          />
        )}
      </Loaded>
      <ConfirmDialog
        open={chosen !== null}
        onOpenChange={(open) => !open && setChosen(null)}
        title={`Revoke “${chosen?.name ?? ''}”?`}
        confirmLabel="Revoke key"
        onConfirm={() => revoke.mutateAsync({ keyId: chosen?.id ?? '' })}
      >
        The AI client that uses it is refused as soon as the agents have the new configuration. This cannot be undone; a new key
        can be made.
      </ConfirmDialog>
    </Card>
  );
}
