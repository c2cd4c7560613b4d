import type pg from 'pg';

import { AccessPart, KeysPart, ProfilePart, ServerPart } from '@gatehouse/policy/documents/manifest';
import { Snapshot } from '@gatehouse/policy/documents/snapshot';

/**
 * Everything that was ever signed for agents, of all tenants, sites and versions, as single facts: a server, an entry that may be used, a profile, what
 * it selects, who may use it, a key. Less of them is denial, another one is forged.
 */
export async function readSignedFacts(owner: pg.Client): Promise<Set<string>> {
  const parts = await owner.query<{ tenant_id: string; bytes: Buffer }>('SELECT tenant_id, bytes FROM config_part');
  const snapshots = await owner.query<{ tenant_id: string; payload: Buffer }>('SELECT tenant_id, payload FROM snapshot');
  return new Set([
    ...parts.rows.flatMap(({ tenant_id, bytes }) => listPartFacts(parse(bytes)).map((fact) => `${tenant_id} ${fact}`)),
    ...snapshots.rows.flatMap(({ tenant_id, payload }) =>
      listSnapshotFacts(parse(payload)).map((fact) => `${tenant_id} ${fact}`),
    ),
  ]);
}

const parse = (bytes: Buffer): unknown => JSON.parse(bytes.toString());

function listPartFacts(part: unknown): string[] {
  const [server, profile] = [ServerPart.safeParse(part).data, ProfilePart.safeParse(part).data];
  const [access, keys] = [AccessPart.safeParse(part).data, KeysPart.safeParse(part).data];
  if (server) return [toFact('server', server.server), ...server.entries.map((entry) => toFact(server.server.id, entry))];
  if (profile) {
    const { entries, ...rest } = profile;
    return [toFact('profile', rest), ...entries.map((entry) => toFact(profile.id, entry))];
  }
  if (access) return access.grants.flatMap(([person, profiles]) => profiles.map((id) => toFact('grant', [person, id])));
  return (keys?.keys ?? []).map((key) => toFact('key', key));
}

function listSnapshotFacts(document: unknown): string[] {
  const { servers, profiles, clientKeys } = Snapshot.parse(document).content;
  return [
    ...servers.map((server) => toFact('whole server', server)),
    ...profiles.flatMap(({ entries, ...profile }) => [
      toFact('whole profile', profile),
      ...entries.map((entry) => toFact(`whole ${profile.id}`, entry)),
    ]),
    ...clientKeys.map((key) => toFact('whole key', key)),
  ];
}

const toFact = (kind: string, what: unknown): string => `${kind} ${JSON.stringify(what)}`;
