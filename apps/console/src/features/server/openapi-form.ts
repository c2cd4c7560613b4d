import type { Credential } from '@gatehouse/policy/documents/snapshot';

import {
  type CredentialForm,
  credentialOf,
  type CredentialProblems,
  credentialProblems,
  EMPTY_CREDENTIAL,
} from './credential-form.ts';
import { baseUrlProblem } from './openapi-choice.ts';

/** What is asked about a REST server beside its description. */
export interface OpenapiForm extends CredentialForm {
  name: string;
  purpose: string;
  baseUrl: string;
  agentId: string | null;
}

export const EMPTY_OPENAPI_FORM: OpenapiForm = { ...EMPTY_CREDENTIAL, name: '', purpose: '', baseUrl: '', agentId: null };

export interface OpenapiProblems extends CredentialProblems {
  name?: string;
  purpose?: string;
  baseUrl?: string;
  agentId?: string;
}

/** What is still missing or wrong, per field. */
export function openapiProblems(form: OpenapiForm): OpenapiProblems {
  const problems: OpenapiProblems = credentialProblems(form);
  const wrongBase = baseUrlProblem(form.baseUrl);
  if (wrongBase !== null) problems.baseUrl = wrongBase;
  if (form.name.trim() === '') problems.name = 'Give it the name people know.';
  if (form.purpose.trim() === '') problems.purpose = 'One sentence. The reviewer reads it.';
  if (form.agentId === null) problems.agentId = 'Choose the agent that can reach it.';
  return problems;
}

/** The transport to register; call it only when there are no problems. */
export function restTransport(form: OpenapiForm): { kind: 'rest'; baseUrl: string; credential: Credential | null } {
  return { kind: 'rest', baseUrl: form.baseUrl, credential: credentialOf(form) };
}
