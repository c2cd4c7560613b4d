'use client';

import { z } from 'zod';

import { Combobox } from './combobox.tsx';
import { Field } from './field.tsx';

/** Somebody, or everybody in a group, as a form holds them. */
export const Party = z.object({ kind: z.enum(['person', 'group']), id: z.string(), name: z.string() });
export type Party = z.infer<typeof Party>;

/** What is typed, and who was found by it. */
export interface PartySearch {
  text: string;
  setText: (text: string) => void;
  found: readonly { party: Party; hint: string }[];
}

const toValue = ({ kind, id }: Party): string => `${kind} ${id}`;

export interface PartyFieldProps {
  search: PartySearch;
  label: string;
  hint?: string | undefined;
  value: Party | null;
  onValueChange: (party: Party | null) => void;
  placeholder: string;
  /** those are not offered */
  without?: readonly { id: string }[];
  className?: string;
}

/** A person or a group out of all there are: what is typed is searched for. */
export function PartyField(props: PartyFieldProps) {
  const { search, label, hint, value, onValueChange, placeholder, without = [], className } = props;
  const offered = search.found.filter(({ party }) => without.every(({ id }) => id !== party.id));
  // who is chosen stays at hand until something else is searched for
  const isOffered = value !== null && offered.some(({ party }) => party.id === value.id);
  const own = value !== null && !isOffered && search.text === '' ? [{ value: toValue(value), label: value.name }] : [];
  return (
    <Field label={label} hint={hint} className={className}>
      <Combobox
        label={label}
        size="default"
        options={[
          ...own,
          ...offered.map(({ party, hint: second }) => ({ value: toValue(party), label: party.name, hint: second })),
        ]}
        value={value && toValue(value)}
        chosenLabel={value?.name}
        onValueChange={(chosen) => {
          const next = offered.find(({ party }) => toValue(party) === chosen);
          if (next || chosen === null) onValueChange(next?.party ?? null);
        }}
        onSearch={search.setText}
        placeholder={placeholder}
      />
    </Field>
  );
}
