'use client';

import { useMutation } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { useMemo } from 'react';
import { z } from 'zod';

import { useAccountTRPC } from '../../trpc/account-client.tsx';
import { Button } from '../../ui/button.tsx';
import type { ComboboxOption } from '../../ui/form/combobox.tsx';
import { ComboboxField, Form, FormError, useSchemaForm } from '../../ui/form/form.tsx';
import { useToast } from '../../ui/overlay/toast.tsx';
import { FullTime, useNow } from '../../ui/text/relative-time.tsx';
import { useTimeZone } from '../../ui/text/time-zone.tsx';
import { getBrowserZone, UTC } from '../../ui/text/zone.ts';
import { AccountSection } from './account-section.tsx';

/** Every zone that this browser can count in. */
function listZones(): ComboboxOption[] {
  const names = new Set([UTC, ...Intl.supportedValuesOf('timeZone')]);
  return [...names].map((value) => ({ value, label: value.replaceAll('_', ' ') }));
}

const Chosen = z.object({ timeZone: z.string().nullable() });
type Chosen = z.infer<typeof Chosen>;

/** In which zone one reads times, in every workspace and browser. */
export function ChooseTimeZone({ zone }: { zone: string | null }) {
  const trpc = useAccountTRPC();
  const router = useRouter();
  const toast = useToast();
  const now = useNow();
  const shown = useTimeZone();
  const isKnown = now !== null;
  // names of the browser: the server's may be others
  const zones = useMemo(() => (isKnown ? listZones() : []), [isKnown]);
  const form = useSchemaForm(Chosen, { timeZone: zone });
  const choose = useMutation(
    trpc.chooseTimeZone.mutationOptions({
      onSuccess: (_, saved) => {
        form.reset(saved);
        const where = saved.timeZone === null ? 'the zone of each browser' : saved.timeZone.replaceAll('_', ' ');
        toast({ title: `Times are shown in ${where}` });
        router.refresh();
      },
    }),
  );
  return (
    <AccountSection title="Time zone">
      <p className="mb-3 text-muted">
        Every screen shows its times by these clocks. Files that you export have them in UTC.
        {isKnown && (
          <>
            {' '}
            Now it is <FullTime at={new Date(now)} />.
          </>
        )}
      </p>
      <Form form={form} onSubmit={(chosen) => choose.mutate(chosen)} className="flex flex-col gap-3">
        <ComboboxField
          control={form.control}
          name="timeZone"
          label="Time zone"
          size="default"
          placeholder={shown === null ? 'As the browser' : `As the browser: ${getBrowserZone().replaceAll('_', ' ')}`}
          options={zones}
        />
        <FormError<Chosen> error={choose.error} fields={{}} />
        <Button type="submit" className="self-start" loading={choose.isPending} disabled={!form.formState.isDirty}>
          Save time zone
        </Button>
      </Form>
    </AccountSection>
  );
}
