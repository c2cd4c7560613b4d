'use client';

import { useState } from 'react';
import { useFormState } from 'react-hook-form';

import { DisclosureButton } from '../../../ui/layout/disclosure-button.tsx';
import { LimitFields } from '../limit-fields.tsx';
import { EMPTY_LIMITS } from '../limits-form.ts';
import type { NewServerForm } from './new-server-form.ts';

/** The limits of a new server, closed: the defaults suit most. What is wrong in it opens it. */
export function LimitsSection() {
  const { errors } = useFormState<NewServerForm>();
  const [open, setOpen] = useState(false);
  const isWrong = Object.keys(EMPTY_LIMITS).some((name) => name in errors);
  const expanded = open || isWrong;
  return (
    <section aria-label="Limits" className="flex flex-col gap-3">
      <DisclosureButton open={expanded} onOpenChange={setOpen} className="min-h-7 self-start pointer-coarse:min-h-10">
        Limits
      </DisclosureButton>
      {/* hidden and not left out, so that what is typed stays and a field that is wrong can be gone to */}
      <div hidden={!expanded}>
        <div className="flex flex-col gap-4">
          <LimitFields />
          <p className="text-xs text-subtle">Limits for single tools are set on its page, once it was looked at.</p>
        </div>
      </div>
    </section>
  );
}
