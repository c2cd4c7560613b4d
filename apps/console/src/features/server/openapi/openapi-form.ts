import { z } from 'zod';

import type { Credential } from '@gatehouse/policy/documents/snapshot';

import {
  CREDENTIAL_FIELDS,
  checkCredential,
  type CredentialRow,
  toCredential,
  EMPTY_CREDENTIAL,
  EMPTY_ROW,
} from '../form/credential-form.ts';
import { EMPTY_SERVER, SERVER_FIELDS } from '../form/server-form.ts';
import { findBaseUrlProblem, type OpenapiPreview } from './openapi-choice.ts';

/** What is asked about a REST server beside its description. */
export const OpenapiForm = z
  .object({
    ...SERVER_FIELDS,
    ...CREDENTIAL_FIELDS,
    baseUrl: z
      .string()
      .trim()
      .superRefine((url, context) => {
        const problem = findBaseUrlProblem(url);
        if (problem !== null) context.addIssue(problem);
      }),
  })
  .superRefine(checkCredential);
export type OpenapiForm = z.infer<typeof OpenapiForm>;

export const EMPTY_OPENAPI_FORM: OpenapiForm = { ...EMPTY_SERVER, ...EMPTY_CREDENTIAL, baseUrl: '' };

/** The transport to register; call it only for a form that was checked. */
export function toRestTransport(form: OpenapiForm): { kind: 'rest'; baseUrl: string; credential: Credential | null } {
  return { kind: 'rest', baseUrl: form.baseUrl, credential: toCredential(form) };
}

/** The credentials that a description asks for, as the form has them: the places of the secrets are still to be named. */
export function toCredentialRows({ security }: Pick<OpenapiPreview, 'security'>): CredentialRow[] {
  return security.credentials.map(({ kind, ...described }) => ({ ...EMPTY_ROW, credentialKind: kind, ...described }));
}
