import type { FieldValues } from 'react-hook-form';
import { z } from 'zod';

import { TextField, type TextFieldProps } from '../../ui/form/form.tsx';

/** Slug of the workspace that somebody means; empty is none. */
export const Workspace = z.string().trim().toLowerCase();

/** Asks for a workspace where a console has several: each has an account of its own for an address. */
export function WorkspaceField<In extends FieldValues, Out>(
  props: Omit<TextFieldProps<In, Out>, 'size' | 'autoComplete' | 'autoCapitalize' | 'spellCheck'>,
) {
  return <TextField {...props} size="large" autoComplete="organization" autoCapitalize="none" spellCheck={false} />;
}
