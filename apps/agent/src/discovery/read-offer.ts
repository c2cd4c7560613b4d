import { setImmediate as nextTurn } from 'node:timers/promises';

import { listUnfitParts } from '@gatehouse/policy/compile/fit-clients';
import { readEntryName, type EntryKind } from '@gatehouse/policy/documents/catalogue-entry';
import { countByKind, describeCounts } from '@gatehouse/policy/documents/entry-counts';
import { isJsonObject, type JsonObject } from '@gatehouse/policy/documents/json';
import type { ServerFeatures } from '@gatehouse/policy/documents/snapshot';
import { checkEntry } from '@gatehouse/policy/limits/entry-limits';
import { toShownName } from '@gatehouse/policy/names/shown-name';
import type { DiscoveredEntry } from '@gatehouse/protocol/messages';
import { listPrivatePassages } from '@gatehouse/redaction/private-passages';

import type { CredentialScrub } from '../secrets/credential-scrub.ts';
import { describeAgent, buildModernMeta } from '../upstream/client/initialize.ts';
import { listPages, LISTS, listTools, type PageList } from '../upstream/client/list-pages.ts';
import { toUpstreamFailure } from '../upstream/failure.ts';
import type { RpcAnswer } from '../wire/json-rpc.ts';
import type { Inspection } from './inspect-server.ts';

/** What a server offers, as far as it may be reviewed. */
export interface Offer {
  features: ServerFeatures;
  entries: DiscoveredEntry[];
  /** in words: how much there is, what was left out for which reason, and what should be looked at */
  found: string[];
}

export interface OfferOptions {
  credentials: CredentialScrub;
  agentVersion: string;
  signal: AbortSignal;
}

/** bytes of all prompts, resources or templates of a server as JSON: they leave the site in one message with the tools */
const LIST_BYTES = 512 * 1024;
/** A server may announce tools that it only adds once it knows its client. */
const MOST_TOOL_LISTINGS = 3;

/** Reads every list of a server. Rejects with UpstreamFailure or the cause when its tools cannot be listed; other lists may be missing. */
export async function readOffer(inspection: Inspection, options: OfferOptions): Promise<Offer> {
  const { connection } = inspection;
  const { era, capabilities, instructions } = connection.server;
  const { credentials, agentVersion, signal } = options;
  const meta = buildModernMeta(describeAgent(agentVersion), null);
  const ask = (method: string, params: JsonObject): Promise<RpcAnswer> =>
    connection.request({ method, params: era === 'modern' ? { ...params, _meta: meta } : params, signal });

  const entries: DiscoveredEntry[] = [];
  const notes: string[] = [];
  async function take(list: EntryList, listed: readonly unknown[]): Promise<void> {
    const checked = await checkEntries(list, listed, credentials);
    entries.push(...checked.accepted);
    notes.push(...checked.notes);
  }

  await take(TOOLS, await listSettledTools(inspection, ask));
  for (const list of OTHER_LISTS) {
    if (capabilities[list.capability] === undefined) continue;
    try {
      const { entries: listed, more } = await listPages(list, era, ask);
      await take(list, listed);
      if (more) notes.push(`left out more than ${list.most} ${list.label}`);
    } catch (error) {
      signal.throwIfAborted();
      notes.push(`${list.label} could not be listed: ${toUpstreamFailure(error).message}`);
    }
  }
  if (instructions !== null && instructions !== '') await take(INSTRUCTIONS, [{ text: instructions }]);
  return { features: readFeatures(capabilities), entries, found: [describeCounts(countByKind(entries)), ...notes] };
}

async function listSettledTools(inspection: Inspection, ask: Parameters<typeof listTools>[1]): Promise<unknown[]> {
  for (let times = 1; ; times += 1) {
    const before = inspection.countToolChanges();
    const { entries } = await listTools(inspection.connection.server.era, ask);
    if (inspection.countToolChanges() === before || times >= MOST_TOOL_LISTINGS) return entries;
  }
}

interface EntryList {
  kind: EntryKind;
  label: string;
  /** of all definitions together as JSON */
  mostBytes: number;
}

const TOOLS: EntryList = { kind: 'tool', label: 'tools', mostBytes: Infinity };
/** A list of one. */
const INSTRUCTIONS: EntryList = { kind: 'instructions', label: 'instructions', mostBytes: Infinity };
const OTHER_LISTS: readonly (EntryList & PageList)[] = [
  { ...LISTS.prompt, mostBytes: LIST_BYTES, label: 'prompts' },
  { ...LISTS.resource, mostBytes: LIST_BYTES, label: 'resources' },
  { ...LISTS.template, mostBytes: LIST_BYTES, label: 'resource templates' },
];

async function checkEntries(
  { kind, label, mostBytes }: EntryList,
  listed: readonly unknown[],
  credentials: CredentialScrub,
): Promise<{ accepted: DiscoveredEntry[]; notes: string[] }> {
  // a tool is spoken of by its name; an address may hold anything
  const refer = (shown: string): string => {
    if (kind === 'instructions') return 'the instructions';
    return kind === 'tool' ? shown : `one of the ${label}`;
  };
  const accepted = new Map<string, DiscoveredEntry>();
  const leftOut: string[] = [];
  const personal: string[] = [];
  const unfit: string[] = [];
  let bytes = 0;
  for (const raw of listed) {
    // checking compiles schemas, which takes long: calls under way get their turn in between
    await nextTurn();
    const checked = checkEntry(kind, raw);
    // before it is made printable, which could take it out of every form in which a credential is known
    const shown = toShownName(credentials.scrubText(readEntryName(kind, raw)));
    if (!checked.ok) {
      leftOut.push(`left out ${refer(shown)}: ${checked.problem}`);
      continue;
    }
    const { name, pin: _pin, ...entry } = checked.entry;
    bytes += JSON.stringify(raw).length;
    if (bytes > mostBytes) {
      leftOut.push(`left out all ${label} from ${shown} on: together they are larger than ${mostBytes / 1024} kB`);
      break;
    }
    const passages = listPrivatePassages(raw);
    const secret = passages.find(({ isSecret }) => isSecret);
    if (credentials.scrubValue(raw) !== raw) leftOut.push(`left out ${refer(shown)}: it holds a credential of this agent`);
    else if (secret)
      leftOut.push(
        `left out ${refer(shown)}: a secret (${secret.rule}) seems to stand at ${secret.pointer}; take it out of the server`,
      );
    else if (accepted.has(name)) leftOut.push(`left out ${shown}: the server defines it twice`);
    else {
      accepted.set(name, entry);
      for (const { pointer, reason } of listUnfitParts(kind, checked.entry.definition)) {
        unfit.push(`clients are not shown ${pointer} of ${refer(shown)}: ${reason}`);
      }
      if (passages.length > 0) personal.push(refer(shown));
    }
  }
  const leaves = personal.length > 0 ? [`what may be personal data leaves with ${personal.join(', ')}`] : [];
  return { accepted: [...accepted.values()], notes: [...leftOut, ...unfit, ...leaves] };
}

function readFeatures(capabilities: JsonObject): ServerFeatures {
  const { logging, completions, resources } = capabilities;
  return {
    logging: isJsonObject(logging),
    completions: isJsonObject(completions),
    resourceSubscriptions: isJsonObject(resources) && resources['subscribe'] === true,
  };
}
