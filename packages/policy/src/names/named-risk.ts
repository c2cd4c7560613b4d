import * as z from 'zod';

import type { Risk, ToolDefinition } from '../documents/definition.ts';
import { getDeclaredRisk, pickGraverRisk } from '../documents/risk.ts';
import { splitWords } from './split-words.ts';

const readWords = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

/** What cannot be taken back: it destroys, moves value, or runs whatever it is given. */
const DESTROYS = readWords(`
  delete del remove rm rmdir unlink drop destroy purge truncate wipe erase shred nuke expunge obliterate discard overwrite revoke cancel
  terminate kill uninstall prune reset force flush deactivate deprovision decommission shutdown reboot trash empty evict drain clear rollback
  droptable dropdatabase impersonate
  transfer pay payout refund withdraw wire charge
  exec execute eval invoke shell bash powershell sudo
`);
/** What reaches people or places outside. */
const SENDS = readWords(`send email mail sms tweet broadcast notify publish upload forward share invite`);
const WRITES = readWords(`
  create update set add write insert edit put post patch upsert merge push assign move rename close import register enable disable start
  stop restart rerun trigger submit save store append replace modify change approve schedule install deploy apply grant archive restore
  lock unlock pin unpin fork star unstar dismiss mark resolve unresolve reprioritize run rotate unpublish make promote demote format rebuild
  migrate sync ban unban subscribe unsubscribe
`);
/** Behind a verb that reads, as in "get_refund", these are things and not what is done. */
const THINGS = readWords(`
  transfer pay payout refund wire email mail sms share post update set change request reset schedule import archive lock pin fork star mark
  store start stop close force trash empty drain clear charge run format sync make
`);
const READS = readWords(`get list read retrieve search find fetch show describe count query lookup view check`);
/** A verb shortly behind one of these is not what the tool does: "never deletes anything". */
const NEGATIONS = readWords(`not never no without cannot nor neither`);
const NEGATION_REACH = 3;
/** What is said of something that cannot be taken back, whatever the verb. */
const FOR_GOOD = /\b(?:permanently|irreversibl[ey]|irrevocabl[ey]|cannot be (?:undone|reversed|recovered))\b/i;

/** Arguments that are programs: who fills them in decides what happens. */
const PROGRAMS = readWords(`command cmd commands shell script sql statement`);
const RECIPIENTS = readWords(`to cc bcc recipient recipients payee beneficiary iban`);
const AMOUNTS = readWords(`amount cents`);
const CONTENTS = readWords(`body message subject text html attachments`);

/** Long verbs are also found in names that are written in one word, like "deleteall". "deleted" is of things that are gone already. */
const RUN_TOGETHER = [...DESTROYS].filter((verb) => verb.length > 5);

/**
 * The gravest that name, titles, description and arguments of a tool suggest. By words alone, so it errs on both sides: it only ever asks
 * for more people to look, and approves nothing.
 */
export function deriveNamedRisk({ name, title, description = '', annotations, inputSchema }: ToolDefinition): Risk {
  const names = [name, title ?? '', annotations?.title ?? ''].map(getRiskOfName);
  return [...names, getRiskOfDescription(description), getRiskOfArguments(inputSchema)].reduce(pickGraverRisk, 'read');
}

/** What a tool counts as before anybody decides on it: the graver of what its server declares and what its words suggest. */
export function getApparentRisk(definition: ToolDefinition): Risk {
  return pickGraverRisk(getDeclaredRisk(definition).risk, deriveNamedRisk(definition));
}

function getRiskOfName(name: string): Risk {
  const all = splitWords(name);
  const reads = READS.has(all[0] ?? '') || READS.has(all.at(-1) ?? '');
  const words = reads ? all.filter((word) => !holdsAny(toBaseForms(word), THINGS)) : all;
  if (words.some(isDestroying)) return 'destructive';
  if (holdsAny(words, SENDS)) return 'open_world';
  return holdsAny(words, WRITES) ? 'write' : 'read';
}

function isDestroying(word: string): boolean {
  return DESTROYS.has(word) || RUN_TOGETHER.some((verb) => word.startsWith(verb) && !/^(?:d|ed)$/.test(word.slice(verb.length)));
}

/** By the verb that each sentence begins with, by all verbs of the first one that destroy, and by what is said to be for good. */
function getRiskOfDescription(description: string): Risk {
  if (FOR_GOOD.test(description)) return 'destructive';
  const sentences = description.split(/[.!;\n]/).map(splitWords);
  const verbs = sentences.flatMap(([first]) => (first === undefined ? [] : toBaseForms(first)));
  if (holdsAny(verbs, DESTROYS) || saysDestroying(sentences[0] ?? [])) return 'destructive';
  const [begins = ''] = sentences[0] ?? [];
  const first = toBaseForms(begins);
  if (holdsAny(first, SENDS)) return 'open_world';
  return holdsAny(first, WRITES) ? 'write' : 'read';
}

function saysDestroying(words: readonly string[]): boolean {
  const reads = holdsAny(toBaseForms(words[0] ?? ''), READS);
  return words.some((word, index) => {
    const isNegated = holdsAny(words.slice(Math.max(0, index - NEGATION_REACH), index), NEGATIONS);
    return !isNegated && toBaseForms(word).some((verb) => DESTROYS.has(verb) && !(reads && THINGS.has(verb)));
  });
}

const holdsAny = (words: Iterable<string>, wanted: ReadonlySet<string>): boolean => [...words].some((word) => wanted.has(word));

/** "deletes" and "deleting" as well as "delete", but not "deleted". */
function toBaseForms(word: string): string[] {
  if (word.endsWith('ing')) return [word.slice(0, -3), `${word.slice(0, -3)}e`, word.slice(0, -4)];
  return word.endsWith('s') ? [word, word.slice(0, -1), word.slice(0, -2)] : [word];
}

const Properties = z
  .record(
    z.string(),
    z
      .looseObject({ enum: z.array(z.unknown()) })
      .partial()
      .catch({}),
  )
  .catch({});

/** By the arguments at the top: programs, a choice that destroys, value or text for somebody. */
function getRiskOfArguments(inputSchema: ToolDefinition['inputSchema']): Risk {
  const properties = Object.entries(Properties.parse(inputSchema['properties'] ?? {}));
  const names = new Set(properties.flatMap(([name]) => [name.toLowerCase(), ...splitWords(name)]));
  const choices = properties.flatMap(([, { enum: values = [] }]) => values.filter((value) => typeof value === 'string'));
  const isProgram = properties.some(([name]) => PROGRAMS.has(name.toLowerCase()));
  if (isProgram || holdsAny(choices.flatMap(splitWords), DESTROYS)) return 'destructive';
  if (!holdsAny(names, RECIPIENTS)) return 'read';
  if (holdsAny(names, AMOUNTS)) return 'destructive';
  return holdsAny(names, CONTENTS) ? 'open_world' : 'read';
}
