import { setImmediate as nextTurn } from 'node:timers/promises';

import { listUnfitParts } from '@gatehouse/policy/compile/fit-clients';
import type { EntryKind } from '@gatehouse/policy/documents/catalogue-entry';
import { countByKind, describeCounts } from '@gatehouse/policy/documents/entry-counts';
import { isJsonObject, isShallow, type JsonObject } from '@gatehouse/policy/documents/json';
import type { ServerFeatures } from '@gatehouse/policy/documents/snapshot';
import { DEFINITION_LIMITS } from '@gatehouse/policy/limits/definition-limits';
import { checkEntry } from '@gatehouse/policy/limits/entry-limits';
import { toShownName } from '@gatehouse/policy/names/shown-name';
import { dropDigits, noteDigits } from '@gatehouse/policy/schema/noted-digits';
import type { LeftOut } from '@gatehouse/protocol/left-out';
import type { DiscoveredEntry } from '@gatehouse/protocol/messages';
import { listPrivatePassages, type PrivatePassage } from '@gatehouse/redaction/private-passages';

import type { CredentialScrub } from '../secrets/credential-scrub.ts';
import { describeAgent, buildModernMeta } from '../upstream/client/initialize.ts';
import { listPages, LISTS, type PageList, type PagedList } from '../upstream/client/list-pages.ts';
import { toUpstreamFailure } from '../upstream/failure.ts';
import type { RpcAnswer } from '../wire/json-rpc.ts';
import type { Inspection } from './inspect-server.ts';
import { LeftOutList, type Reason } from './left-out-list.ts';
import { formatReference, listSome } from './left-out-words.ts';

/** What a server offers, as far as it may be reviewed. */
export interface Offer {
  features: ServerFeatures;
  entries: DiscoveredEntry[];
  leftOut: LeftOut;
  /** in words */
  told: {
    /** how much there is, and with what personal data leaves */
    found: string[];
    /** parts of what there is that clients are not shown */
    unfit: string[];
  };
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

/**
 * Reads every list of a server. Rejects with UpstreamFailure or the cause when its tools cannot be listed; other lists may be missing, and one without end
 * is there in part.
 */
export async function readOffer(inspection: Inspection, options: OfferOptions): Promise<Offer> {
  const { connection } = inspection;
  const { era, capabilities, instructions } = connection.server;
  const { credentials, agentVersion, signal } = options;
  const meta = buildModernMeta(describeAgent(agentVersion), null);
  const ask = (method: string, params: JsonObject): Promise<RpcAnswer> =>
    connection.request({ method, params: era === 'modern' ? { ...params, _meta: meta } : params, signal });

  const look: Look = { entries: [], leftOut: new LeftOutList(credentials), unfit: [], personal: [] };
  await checkList(TOOLS, await listSettledTools(inspection, ask), look, credentials);
  for (const list of OTHER_LISTS) {
    if (capabilities[list.capability] === undefined) continue;
    try {
      await checkList(list, await listPages(list, era, ask), look, credentials);
    } catch (error) {
      signal.throwIfAborted();
      const reason = `${list.label} could not be listed: ${toUpstreamFailure(error).message}`;
      look.leftOut.addList(list.kind, { cause: 'unlisted', reason });
    }
  }
  if (instructions !== null && instructions !== '') await checkEntries(INSTRUCTIONS, [{ text: instructions }], look, credentials);
  const { entries, leftOut, unfit, personal } = look;
  const leaves = personal.length > 0 ? [`what may be personal data leaves with ${listSome(personal)}`] : [];
  const found = [describeCounts(countByKind(entries)), ...leaves];
  return { features: readFeatures(capabilities), entries, leftOut: leftOut.get(), told: { found, unfit } };
}

async function listSettledTools(inspection: Inspection, ask: Parameters<typeof listPages>[2]): Promise<PagedList> {
  for (let times = 1; ; times += 1) {
    const before = inspection.countToolChanges();
    const list = await listPages(LISTS.tool, inspection.connection.server.era, ask);
    if (inspection.countToolChanges() === before || times >= MOST_TOOL_LISTINGS) return list;
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

/** What is found of a server, list by list. */
interface Look {
  entries: DiscoveredEntry[];
  leftOut: LeftOutList;
  unfit: string[];
  /** with what personal data leaves */
  personal: string[];
}

/** Checks what was read of a list, and says where that is not the whole of it. */
async function checkList(list: EntryList, { entries, cut }: PagedList, look: Look, credentials: CredentialScrub): Promise<void> {
  await checkEntries(list, entries, look, credentials);
  if (cut === null) return;
  const reason = `the server's list of ${list.label} was not read to its end, because ${cut}; what was read of it is here`;
  look.leftOut.addList(list.kind, { cause: 'too_many', reason });
}

async function checkEntries(
  { kind, label, mostBytes }: EntryList,
  listed: readonly unknown[],
  { entries, leftOut, unfit, personal }: Look,
  credentials: CredentialScrub,
): Promise<void> {
  const taken = new Set<string>();
  let bytes = 0;
  for (const raw of listed) {
    // checking compiles schemas, which takes long: calls under way get their turn in between
    await nextTurn();
    const noted = isJsonObject(raw) && isShallow(raw, DEFINITION_LIMITS.depth) ? noteDigits(raw) : raw;
    const checked = checkEntry(kind, noted);
    if (!checked.ok) {
      leftOut.addDefinition(
        kind,
        raw,
        checked.problems.map((problem) => ({ cause: 'unsound', ...problem })),
      );
      continue;
    }
    bytes += JSON.stringify(noted).length;
    const passages = listPrivatePassages(dropDigits(checked.entry.definition));
    const reasons = listReasons(raw, passages, credentials);
    const { name, pin: _pin, ...entry } = checked.entry;
    if (bytes > mostBytes)
      reasons.push({ cause: 'too_many', reason: `its ${label} are together larger than ${mostBytes / 1024} kB` });
    else if (reasons.length === 0 && taken.has(name))
      reasons.push({ cause: 'repeated', reason: 'the server defines it twice; the first of them is taken' });
    if (reasons.length > 0) {
      leftOut.addDefinition(kind, raw, reasons);
      continue;
    }
    taken.add(name);
    entries.push(entry);
    const shown = formatReference(kind, toShownName(name));
    for (const { pointer, reason } of listUnfitParts(kind, checked.entry.definition)) {
      unfit.push(`clients are not shown ${pointer} of ${shown}: ${reason}`);
    }
    if (passages.length > 0) personal.push(shown);
  }
}

/** Why a definition that can be read does not leave the site. */
function listReasons(raw: unknown, passages: readonly PrivatePassage[], credentials: CredentialScrub): Reason[] {
  if (credentials.scrubValue(raw) !== raw) return [{ cause: 'credential', reason: 'it holds a credential of this agent' }];
  return passages
    .filter(({ isSecret }) => isSecret)
    .map(({ pointer, rule }) => ({
      cause: 'secret',
      pointer,
      reason: `a secret (${rule}) seems to stand there; take it out of the server`,
    }));
}

function readFeatures(capabilities: JsonObject): ServerFeatures {
  const { logging, completions, resources } = capabilities;
  return {
    logging: isJsonObject(logging),
    completions: isJsonObject(completions),
    resourceSubscriptions: isJsonObject(resources) && resources['subscribe'] === true,
  };
}
