'use client';

import { KeyIcon } from '@phosphor-icons/react/ssr';
import { useMutation } from '@tanstack/react-query';
import { z } from 'zod';

import { useTRPC, type ApiOutput } from '../../trpc/client.tsx';
import { useMe } from '../../trpc/use-me.ts';
import { Button } from '../../ui/button.tsx';
import { Form, SelectField, TextField, useSchemaForm } from '../../ui/form/form.tsx';
import { ErrorLine } from '../../ui/status/states.tsx';
import { CodeBox } from '../../ui/text/copy.tsx';
import { DayTime } from '../../ui/text/relative-time.tsx';

export type CreatedKey = ApiOutput['clientKey']['create'];

const DAYS = [
  { value: '30', label: '30 days' },
  { value: '90', label: '90 days' },
  { value: '365', label: '1 year' },
] as const;

const NewKey = z.object({
  name: z.string().trim().min(1, 'Say what it is for.'),
  days: z.enum(['30', '90', '365']),
});
type NewKey = z.infer<typeof NewKey>;

export interface CreateKeyProps {
  profileId: string;
  /** the person has access to the profile */
  allowed: boolean;
  /** the key that was just made. It lives on this page only and is gone with it */
  created: CreatedKey | null;
  onCreated: (key: CreatedKey) => void;
}

/** Why no key can be made; undefined where one can. */
function findReason({ allowed, isStopped }: { allowed: boolean; isStopped: boolean }): string | undefined {
  if (isStopped) return 'While the workspace is stopped, no key can be made.';
  return allowed ? undefined : 'You have no access to this profile yet.';
}

/** Makes a key for one AI client; shows it this once. */
export function CreateKey({ profileId, allowed, created, onCreated }: CreateKeyProps) {
  const trpc = useTRPC();
  const { isStopped } = useMe();
  const form = useSchemaForm(NewKey, { name: '', days: '90' });
  const { control } = form;
  const reason = findReason({ allowed, isStopped });
  const create = useMutation(trpc.clientKey.create.mutationOptions({ onSuccess: onCreated }));
  const submit = ({ name, days }: NewKey): void => create.mutate({ profileId, name, expiresInDays: Number(days) });

  if (created) {
    return (
      <div className="flex flex-col gap-2" aria-live="polite">
        <p>
          <span className="font-medium">Copy it now.</span> It is shown this once and stored nowhere; only its hash is kept. Valid
          until <DayTime at={created.expiresAt} />.
        </p>
        <CodeBox code={created.key} label="Key" />
        <p className="text-subtle">What you copy below holds it already, except where the client asks for it itself.</p>
      </div>
    );
  }
  return (
    <Form form={form} onSubmit={submit} className="flex flex-col gap-3">
      <p className="text-muted">One key per AI client, so that you can revoke one without the others.</p>
      <div className="flex flex-wrap items-start gap-2">
        <TextField
          control={control}
          name="name"
          label="What is it for?"
          placeholder="Claude Code on my laptop"
          className="w-64 max-w-full"
          maxLength={80}
          disabled={reason !== undefined}
        />
        <SelectField
          disabled={reason !== undefined}
          control={control}
          name="days"
          label="Valid for"
          className="w-28"
          options={DAYS}
        />
        <Button
          type="submit"
          variant="primary"
          icon={KeyIcon}
          // below the labels of its neighbours: what is wrong with a field is said under it and must move nothing
          className="mt-6.5"
          loading={create.isPending}
          disabledReason={reason}
        >
          Create key
        </Button>
      </div>
      {create.error && <ErrorLine error={create.error} />}
    </Form>
  );
}
