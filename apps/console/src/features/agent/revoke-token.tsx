'use client';

import { useMutation } from '@tanstack/react-query';

import { useTRPC } from '../../trpc/client.tsx';
import { Button } from '../../ui/button.tsx';
import { ErrorLine } from '../../ui/status/states.tsx';

/** Takes a token back that enrolled nobody, after which its name is free. */
export function RevokeToken({ tokenId, onRevoked }: { tokenId: string; onRevoked: () => void }) {
  const trpc = useTRPC();
  const revoke = useMutation(trpc.joinToken.revoke.mutationOptions({ onSuccess: onRevoked }));
  return (
    <>
      {revoke.error && <ErrorLine error={revoke.error} />}
      <Button size="small" variant="danger-quiet" loading={revoke.isPending} onClick={() => revoke.mutate({ id: tokenId })}>
        Revoke this token
      </Button>
    </>
  );
}
