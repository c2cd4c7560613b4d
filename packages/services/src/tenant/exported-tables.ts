/** Type of a column by which a table is read page by page. */
type KeyType = 'uuid' | 'text' | 'int' | 'bigint' | 'timestamptz' | 'entry_kind';

/** How a table is exported. */
export interface ExportedTable {
  name: string;
  /** what follows the tenant in its key, in order */
  key: Readonly<Record<string, KeyType>>;
  /** columns that stay here: secrets, hashes by which one is found, and bytes that are made of other rows */
  without?: readonly string[];
}

/** Every table whose rows say something, those that others name first. */
export const EXPORTED_TABLES: readonly ExportedTable[] = [
  { name: 'membership', key: { id: 'uuid' } },
  { name: 'account_token', key: { id: 'uuid' }, without: ['token_hash'] },
  { name: 'person_group', key: { id: 'uuid' } },
  { name: 'group_member', key: { group_id: 'uuid', membership_id: 'uuid' } },
  { name: 'site', key: { id: 'uuid' } },
  { name: 'agent', key: { id: 'uuid' }, without: ['ahead_manifest', 'ahead_keyset'] },
  { name: 'join_token', key: { id: 'uuid' }, without: ['token_hash'] },
  { name: 'server', key: { id: 'uuid' } },
  { name: 'server_site', key: { server_id: 'uuid', site_id: 'uuid' } },
  { name: 'server_revision', key: { id: 'uuid' } },
  { name: 'revision_entry', key: { revision_id: 'uuid', kind: 'entry_kind', pin: 'text' } },
  { name: 'revision_look', key: { revision_id: 'uuid', site_id: 'uuid' } },
  { name: 'observation', key: { server_id: 'uuid', site_id: 'uuid' } },
  { name: 'discovery', key: { id: 'uuid' }, without: ['payload', 'signature'] },
  { name: 'review', key: { id: 'uuid' } },
  { name: 'entry_decision', key: { review_id: 'uuid', kind: 'entry_kind', pin: 'text' } },
  { name: 'review_comment', key: { id: 'uuid' } },
  { name: 'finding_state', key: { server_id: 'uuid', kind: 'entry_kind', pin: 'text', finding: 'text' } },
  { name: 'former_decision', key: { id: 'uuid' } },
  { name: 'profile', key: { id: 'uuid' } },
  { name: 'profile_site', key: { profile_id: 'uuid', site_id: 'uuid' } },
  { name: 'profile_version', key: { profile_id: 'uuid', number: 'int' } },
  { name: 'profile_access', key: { profile_id: 'uuid', membership_id: 'uuid' } },
  { name: 'profile_group', key: { profile_id: 'uuid', group_id: 'uuid' } },
  { name: 'approver', key: { id: 'uuid' } },
  { name: 'access_request', key: { id: 'uuid' } },
  { name: 'publish_request', key: { id: 'uuid' } },
  { name: 'client_key', key: { id: 'uuid' }, without: ['key_hash'] },
  // public halves: with them the export of receipts and revocations can be verified
  { name: 'signing_key', key: { id: 'uuid' }, without: ['private_key_sealed'] },
  { name: 'revocation', key: { seq: 'int' } },
  { name: 'admin_audit', key: { id: 'uuid' } },
  { name: 'receipt', key: { received_at: 'timestamptz', id: 'uuid' } },
];

/** Tables with rows of a tenant that no export has, and why. */
export const NOT_EXPORTED: Readonly<Record<string, string>> = {
  config_part: 'made of the other rows, for agents',
  manifest: 'made of the other rows, for agents',
  snapshot: 'made of the other rows, for agents',
  keyset: 'made of signing_key, for agents',
  revocation_head: 'made of revocation, for agents',
  revocation_root: 'made of revocation, for agents',
  revocation_handover: 'what agents sent and nobody has verified yet',
  mail: 'what waits to be sent; the links are in account_token',
  job_failure: 'which jobs of ours do not get through',
  agent_stream: 'how far the receipts of an agent have come',
};
