import * as z from 'zod';

import { EntryName } from './catalogue-entry.ts';
import {
  InstructionsDefinition,
  PromptDefinition,
  ResourceDefinition,
  ResourceTemplateDefinition,
  Risk,
  Slug,
  ToolDefinition,
  ToolName,
} from './definition.ts';
import { IgnoredPointers } from './prose.ts';
import { Sha256 } from './sha256.ts';

/** JSON Pointer (RFC 6901) to a field of the arguments or of the structured result; '*' stands for every array item. */
export const FieldPointer = z.string().regex(/^(?:\/[^/]{1,128}){1,16}$/, 'Not a JSON Pointer');

/** What a call of a selected tool meets before it is sent on. `deny`: selected but switched off (not listed, a call says why). */
export const ToolRule = z.enum(['allow', 'deny']);
export type ToolRule = z.infer<typeof ToolRule>;

/** JSON Pointer to one declared argument, nested ones included. */
export const ArgumentPointer = z.string().regex(/^(?:\/[^/*]{1,128}){1,16}$/, 'Not a pointer to an argument');

const Scalar = z.union([z.string().max(4_000), z.number(), z.boolean(), z.null()]);

/**
 * What a profile changes about one argument of a tool. `hide`: not shown, refused when sent. `pin`: hidden, and the agent adds `value`.
 * `restrict`: only these values are shown and accepted.
 */
export const ArgumentRule = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('hide'), argument: ArgumentPointer }),
  z.object({ kind: z.literal('pin'), argument: ArgumentPointer, value: z.json() }),
  z.object({ kind: z.literal('restrict'), argument: ArgumentPointer, values: z.array(Scalar).min(1).max(100) }),
]);
export type ArgumentRule = z.infer<typeof ArgumentRule>;

const ArgumentRules = z.array(ArgumentRule).max(64).default([]);

const Chosen = { serverId: z.uuid(), name: EntryName };
const AsDraft = {
  /** name shown to AI clients; null: the server's own name */
  rename: ToolName.nullable().default(null),
};
const Curation = {
  /** description shown to AI clients; null: the server's own */
  describe: z.string().max(4_000).nullable().default(null),
  rule: ToolRule.default('allow'),
  /** shown to the caller of a denied tool: what to do instead */
  denyReason: z.string().max(500).nullable().default(null),
  arguments: ArgumentRules,
};

/** One selected entry in the builder. Only what has a name of its own can be renamed; an address is an identity. Only tools are curated. */
export const DraftEntry = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('tool'), ...Chosen, ...AsDraft, ...Curation }),
  z.object({ kind: z.literal('prompt'), ...Chosen, ...AsDraft }),
  z.object({ kind: z.enum(['resource', 'template', 'instructions']), ...Chosen }),
]);
export type DraftEntry = z.infer<typeof DraftEntry>;
export type DraftTool = Extract<DraftEntry, { kind: 'tool' }>;

/** `best_effort`: calls of read tools do not wait for a durable intent; a loss is counted and shown. */
const AuditMode = z.enum(['durable', 'best_effort']);

/**
 * What becomes of a message in answers that a person would not see as a model reads it; a character that is not seen is none by itself. `mark`: a mark stands in its place. `strip`: it is left out.
 * `pass`: it goes to the client as the server sent it.
 */
export const HiddenTextHandling = z.enum(['mark', 'strip', 'pass']);
export type HiddenTextHandling = z.infer<typeof HiddenTextHandling>;

/**
 * What becomes of arguments in another form than their tool takes. `strict`: the call is refused. `lenient`: null in place of an argument that may be missing is
 * dropped, and a number, true or false that is written as text is read, where the tool leaves no other reading. `complete`: also an
 * object or a list that is written as JSON text is read, and a required argument that is missing gets the default that the tool names.
 */
export const ArgumentForms = z.enum(['lenient', 'complete', 'strict']);
export type ArgumentForms = z.infer<typeof ArgumentForms>;

/** What becomes of arguments that a tool does not declare. `pass`: they are sent where the tool's own schema takes them. */
export const UndeclaredArguments = z.enum(['refuse', 'pass']);
export type UndeclaredArguments = z.infer<typeof UndeclaredArguments>;

/** Entries of one profile, of all kinds. */
const MAX_ENTRIES = 4_000;
/** Entries that were taken out and are remembered. */
export const MAX_SET_ASIDE = 500;

/** The editable content of a profile. */
export const ProfileDraft = z.object({
  entries: z.array(DraftEntry).max(MAX_ENTRIES).default([]),
  /** what was taken out with all that was chosen for it, the newest first: it comes back with its entry and is never published */
  setAside: z.array(DraftEntry).max(MAX_SET_ASIDE).default([]),
  audit: AuditMode.default('durable'),
  hiddenText: HiddenTextHandling.default('mark'),
  argumentForms: ArgumentForms.default('lenient'),
  undeclaredArguments: UndeclaredArguments.default('refuse'),
});
export type ProfileDraft = z.infer<typeof ProfileDraft>;

/** What holds for a whole profile, beside its entries. */
export const ProfileSettings = ProfileDraft.omit({ entries: true, setAside: true });
export type ProfileSettings = z.infer<typeof ProfileSettings>;

/** Absent: `mark`, as in every version that was published before there was a choice. */
const HiddenTextChoice = HiddenTextHandling.exclude(['mark']).optional();

/** Absent: `lenient`, and `refuse`. */
const ArgumentFormsChoice = ArgumentForms.exclude(['lenient']).optional();
const UndeclaredChoice = UndeclaredArguments.exclude(['refuse']).optional();

const Choices = { hiddenText: HiddenTextChoice, argumentForms: ArgumentFormsChoice, undeclaredArguments: UndeclaredChoice };
type ProfileChoices = z.infer<z.ZodObject<typeof Choices>>;

/** What a version says of the settings that have a default. */
export function toProfileChoices(settings: Omit<ProfileSettings, 'audit'>): ProfileChoices {
  const { hiddenText, argumentForms, undeclaredArguments } = settings;
  return {
    ...(hiddenText !== 'mark' && { hiddenText }),
    ...(argumentForms !== 'lenient' && { argumentForms }),
    ...(undeclaredArguments !== 'refuse' && { undeclaredArguments }),
  };
}

/** The settings of a version. */
export function getProfileSettings({ audit, ...choices }: ProfileChoices & Pick<ProfileSettings, 'audit'>): ProfileSettings {
  return { audit, hiddenText: getHiddenTextHandling(choices), ...getArgumentSettings(choices) };
}

export function getHiddenTextHandling({ hiddenText }: Pick<ProfileChoices, 'hiddenText'>): HiddenTextHandling {
  return hiddenText ?? 'mark';
}

/** How a profile takes the arguments of calls. */
export type ArgumentSettings = Pick<ProfileSettings, 'argumentForms' | 'undeclaredArguments'>;

export function getArgumentSettings({
  argumentForms,
  undeclaredArguments,
}: Omit<ProfileChoices, 'hiddenText'>): ArgumentSettings {
  return { argumentForms: argumentForms ?? 'lenient', undeclaredArguments: undeclaredArguments ?? 'refuse' };
}

const Published = { ...Chosen, pin: Sha256 };
const Advertised = { advertisedName: ToolName };
const PublishedTool = z.object({ kind: z.literal('tool'), ...Published, ...Advertised, ...Curation });
const PublishedPrompt = z.object({ kind: z.literal('prompt'), ...Published, ...Advertised });

/** One entry of a published version: the draft's choice joined with what was approved at publish time. */
export const PublishedEntry = z.discriminatedUnion('kind', [
  PublishedTool,
  PublishedPrompt,
  z.object({ kind: z.enum(['resource', 'template', 'instructions']), ...Published }),
]);
export type PublishedEntry = z.infer<typeof PublishedEntry>;

/** The name that clients see, or would see of a draft: the rename, else the server's own name or the address. */
export function getAdvertisedName(entry: DraftEntry | PublishedEntry): string {
  if ('advertisedName' in entry) return entry.advertisedName;
  return ('rename' in entry ? entry.rename : null) ?? entry.name;
}

/** The choice that led to an entry of a version. */
export function toDraftEntry(entry: PublishedEntry): DraftEntry {
  const { pin: _pin, ...chosen } = entry;
  if (!('advertisedName' in chosen)) return chosen;
  const { advertisedName, ...choice } = chosen;
  return { ...choice, rename: advertisedName === choice.name ? null : advertisedName };
}

/** Content of an immutable profile version. */
export const PublishedProfile = z.object({
  name: z.string().min(1).max(80),
  description: z.string().max(2_000),
  audit: AuditMode,
  ...Choices,
  entries: z.array(PublishedEntry).max(MAX_ENTRIES),
});
export type PublishedProfile = z.infer<typeof PublishedProfile>;

/** Most approved texts of one entry beside the one that is served. */
export const MOST_ALIKE = 16;
/**
 * When the approval of an entry ends by itself: an agent goes by its own clock then, whether or not it hears of anything. Absent: only a later configuration or
 * the lease ends it, as in every configuration of before and at every agent of before.
 */
export const Ending = { endsAt: z.iso.datetime().optional() };

/** What the approval of an entry ignores of its texts, what else of it is approved, and when it ends. Absent: nothing, as in every configuration of before. */
export const Approving = {
  ...Ending,
  ignored: IgnoredPointers.optional(),
  /** steady pins of other approved texts that differ in words alone: the server may list them in place of this one, and clients get this one */
  alike: z.array(Sha256).max(MOST_ALIKE).optional(),
};

/** An entry inside a snapshot: published, its pin approved at this moment, complete enough to serve and to decide without asking anybody. */
export const SnapshotEntry = z.discriminatedUnion('kind', [
  PublishedTool.extend({
    risk: Risk,
    logArguments: z.array(FieldPointer).max(64),
    logResults: z.array(FieldPointer).max(64),
    definition: ToolDefinition,
    ...Approving,
  }),
  PublishedPrompt.extend({ definition: PromptDefinition, ...Approving }),
  z.object({ kind: z.literal('resource'), ...Published, definition: ResourceDefinition, ...Approving }),
  z.object({ kind: z.literal('template'), ...Published, definition: ResourceTemplateDefinition, ...Approving }),
  z.object({ kind: z.literal('instructions'), ...Published, definition: InstructionsDefinition, ...Ending }),
]);
export type SnapshotEntry = z.infer<typeof SnapshotEntry>;
export type SnapshotEntryOf<Kind extends SnapshotEntry['kind']> = Extract<SnapshotEntry, { kind: Kind }>;
export type SnapshotTool = SnapshotEntryOf<'tool'>;

export const SnapshotProfile = z.object({
  id: z.uuid(),
  slug: Slug,
  name: z.string().min(1).max(80),
  description: z.string().max(2_000),
  version: z.int().positive(),
  audit: AuditMode,
  ...Choices,
  entries: z.array(SnapshotEntry).max(MAX_ENTRIES),
});
export type SnapshotProfile = z.infer<typeof SnapshotProfile>;
