import { expect, test } from 'vitest';

import { CatalogueEntry } from '@gatehouse/policy/documents/catalogue-entry';
import { toEntryKey } from '@gatehouse/policy/documents/catalogue-entry';
import { countByKind } from '@gatehouse/policy/documents/entry-counts';
import { defineTool } from '@gatehouse/policy/testing/build';

import { describeChanges } from '../../src/features/review/change-line.ts';
import {
  describeLogged,
  describeTally,
  decideAll,
  toDecisions,
  createReviewDraft,
  filterPlainOthers,
  filterPlainTools,
  listShapesOnly,
  listUnseen,
  countVerdicts,
  lowersRisk,
  takesReason,
  type ReviewDraft,
  takeBackTogether,
  takesTwo,
} from '../../src/features/review/decision-draft.ts';
import { describeSaid } from '../../src/features/review/elsewhere.tsx';
import {
  countHiddenInEntry,
  type ReviewDetail,
  type ReviewEntry,
  describeReview,
  getFirstLine,
  sortChangesFirst,
} from '../../src/features/review/summary.ts';
import { makeReview, makeTool } from './make-review.ts';

test('the plain summary is made of facts and reads the same every time', () => {
  const detail = makeReview(
    [
      makeTool('get_order'),
      makeTool('refund', { change: 'new', weighedRisk: 'destructive', assumed: true }),
      makeTool('search', { change: 'changed', definition: defineTool('search', { description: 'Find\u200B' }) }),
    ],
    ['old_tool'],
  );
  expect(describeReview(detail)).toEqual([
    'Revision 3 of Orders offers 3 tools: 2 read, 1 destructive.',
    'New: refund.',
    'Changed since the last decision: search.',
    'Not offered any more, or kept at its site: old_tool.',
    'The server does not say what refund may do, which counts as destructive until a reviewer says otherwise.',
    'search holds characters that a reader would not see.',
  ]);
  expect(describeReview(detail)).toEqual(describeReview(detail));
});

test('long lists are cut with a count, and no change is said to be none', () => {
  const many = Array.from({ length: 9 }, (_, index) => makeTool(`t${index}`, { change: 'new' }));
  expect(describeReview(makeReview(many))[1]).toBe('New: t0, t1, t2, t3, t4, t5, and 3 more.');
  expect(describeReview(makeReview([makeTool('a')]))).toContain('No tool is new or changed.');
});

test('T-50: a character hidden deep in a schema, also in a key, counts', () => {
  const inputSchema = { type: 'object' as const, properties: { 'a\u202Eb': { enum: ['x\u200D'] } } };
  expect(countHiddenInEntry({ definition: { name: 'n', inputSchema } })).toBe(2);
});

test('what a review is about, in one line', () => {
  const none = countByKind([]);
  const counts = { offered: { ...none, tool: 5 }, added: none, changed: none, destructiveCount: 0 };
  expect(describeChanges(counts)).toBe('5 tools, none new or changed');
  expect(describeChanges({ ...counts, added: { ...none, tool: 1 }, changed: { ...none, tool: 2 }, destructiveCount: 1 })).toBe(
    '1 new tool, 2 changed tools, 1 destructive',
  );
  const offered = { ...none, tool: 5, prompt: 1, resource: 1 };
  expect(describeChanges({ ...counts, offered })).toBe('7 entries, none new or changed');
  expect(describeChanges({ ...counts, offered, added: { ...none, prompt: 1 }, changed: { ...none, resource: 1 } })).toBe(
    '2 prompts, resources or instructions',
  );
  expect(describeChanges({ ...counts, offered, added: { ...none, tool: 1, resource: 1 } })).toBe(
    '1 new tool, 1 prompt, resource or instructions',
  );
});

test('a pending tool starts undecided, with the suggested risk and no value logged; a standing decision starts as it is', () => {
  const standing = { ...makeTool('b').decision, verdict: 'rejected' as const, risk: 'write' as const, note: 'no' };
  const draft = createReviewDraft(makeReview([makeTool('a', { weighedRisk: 'write' }), makeTool('b', { decision: standing })]));
  expect(draft['tool a']).toEqual({
    kind: 'tool',
    ignored: [],
    name: 'a',
    verdict: null,
    risk: 'write',
    logArguments: [],
    logResults: [],
    note: '',
    seenHidden: false,
  });
  expect(draft['tool b']).toMatchObject({ verdict: 'rejected', risk: 'write', note: 'no' });
  expect(countVerdicts(draft)).toEqual({ approved: 0, rejected: 1, undecided: 1 });
});

test('only decided tools are sent, notes without their spaces', () => {
  const draft = createReviewDraft(makeReview([makeTool('a'), makeTool('b')]));
  const standing = { kind: 'tool', name: 'a', risk: 'read', logArguments: ['/id'], logResults: [], ignored: [] } as const;
  const decided = { ...draft, 'tool a': { ...standing, verdict: 'approved' as const, note: '  fine ' } };
  expect(toDecisions(decided)).toEqual([
    { kind: 'tool', name: 'a', verdict: 'approved', risk: 'read', logArguments: ['/id'], logResults: [], note: 'fine' },
  ]);
});

test('approving takes two for what is destructive, lowered or rejected before, unless it stands and stays as it is', () => {
  const draftOf = (entry: ReviewEntry, change: object = {}) => ({
    ...createReviewDraft({ entries: [entry] })[toEntryKey(entry)]!,
    verdict: 'approved' as const,
    ...change,
  });
  const grave = makeTool('grave', { weighedRisk: 'destructive' });
  const plain = makeTool('plain');
  expect(takesTwo(grave, draftOf(grave), false)).toBe(true);
  expect(takesTwo(grave, draftOf(grave, { risk: 'read' }), false)).toBe(true);
  expect(takesTwo(grave, draftOf(grave, { verdict: 'rejected' }), false)).toBe(false);
  expect(takesTwo(plain, draftOf(plain), false)).toBe(false);
  expect(takesTwo(plain, draftOf(plain, { risk: 'destructive' }), false)).toBe(true);
  const undone = makeTool('undone', { wasRejected: true });
  expect(takesTwo(undone, draftOf(undone), false)).toBe(true);
  const approved = { ...grave, decision: { ...grave.decision, verdict: 'approved' as const, risk: 'destructive' as const } };
  expect(takesTwo(approved, draftOf(approved), true)).toBe(false);
  expect(takesTwo(approved, draftOf(approved, { logArguments: ['/id'] }), true)).toBe(true);
  expect(takesTwo(approved, draftOf(approved), false)).toBe(true);
  expect([lowersRisk(grave, draftOf(grave, { risk: 'write' })), lowersRisk(grave, draftOf(grave))]).toEqual([true, false]);
});

test('what waits for a second person is shown as it was decided', () => {
  const decisions = [
    {
      kind: 'tool' as const,
      name: 'a',
      verdict: 'rejected' as const,
      risk: 'write' as const,
      logArguments: [],
      logResults: [],
      ignored: [],
    },
  ];
  const by = { id: 'p', name: 'Ada', email: null };
  const canConfirm = { ok: true, reason: null } as const;
  const waiting = {
    by,
    proposedAt: new Date(0),
    validDays: 90,
    reason: null,
    decisions,
    isInEffect: false,
    isSeconded: false,
    canConfirm,
  };
  expect(createReviewDraft({ entries: [makeTool('a')], waiting })['tool a']).toMatchObject({
    verdict: 'rejected',
    risk: 'write',
    note: '',
  });
});

test('what is declared destructive, reaches the open world, hides a character or is decided is not approved with the rest', () => {
  const entries = [
    makeTool('plain', { weighedRisk: 'write' }),
    makeTool('declared', { weighedRisk: 'destructive' }),
    makeTool('open', { weighedRisk: 'open_world' }),
    makeTool('hiding', { definition: defineTool('hiding', { description: 'Find\u200B' }) }),
    makeTool('decided', { decision: { ...makeTool('decided').decision, verdict: 'rejected' } }),
  ];
  expect(filterPlainTools(createReviewDraft({ entries }), entries)).toEqual([entries[0]]);
});

test('what a server words anew is told, approved with its words ignored when that is ticked, and to ignore more is another decision', () => {
  const clock = makeTool('clock', { reworded: ['/description'], weighedRisk: 'destructive' });
  const entries = [makeTool('plain'), clock];
  expect(describeReview(makeReview(entries))).toContain('Worded otherwise at other looks, and the same beside that: clock.');
  const start = decideAll(createReviewDraft({ entries }), entries, 'approved');
  expect(toDecisions(start).every((decision) => !('ignored' in decision))).toBe(true);
  const chosen = { ...start['tool clock']!, ignored: ['/description'] };
  expect(toDecisions({ ...start, 'tool clock': chosen })[1]).toMatchObject({ name: 'clock', ignored: ['/description'] });
  expect(toDecisions({ a: { ...chosen, verdict: 'rejected' } })[0]).not.toHaveProperty('ignored');
  const decision = { ...clock.decision, verdict: 'approved' as const, risk: 'destructive' as const };
  const stands = createReviewDraft({ entries: [{ ...clock, decision }] })['tool clock']!;
  expect(takesTwo({ ...clock, decision }, stands, true)).toBe(false);
  expect(takesTwo({ ...clock, decision }, { ...stands, ignored: ['/description'] }, true)).toBe(true);
  expect(
    takesTwo(
      { ...clock, decision: { ...decision, ignored: ['/description', '/title'] } },
      { ...stands, ignored: ['/title'] },
      true,
    ),
  ).toBe(false);
});

test('what hides text is not approved before somebody ticked that they looked at it', () => {
  const found = { pointer: '/description', rule: 'zero-width', shown: '<U+200B>', count: 1 } as const;
  const hiding = makeTool('hiding', { hiddenText: [found] });
  const entries = [makeTool('plain'), hiding];
  const start = createReviewDraft({ entries });
  expect(filterPlainTools(start, entries)).toEqual([entries[0]]);
  const approved = decideAll(start, entries, 'approved');
  expect(listUnseen(start, entries)).toEqual([]);
  expect(listUnseen(approved, entries)).toEqual(['hiding']);
  const seen = { ...approved, 'tool hiding': { ...approved['tool hiding']!, seenHidden: true } };
  expect(listUnseen(seen, entries)).toEqual([]);
  expect(toDecisions(seen)[1]).toMatchObject({ name: 'hiding', verdict: 'approved', seenHidden: true });
});

test('what somebody has settled in this very text is not asked again, and said in the row as settled', () => {
  const found = { pointer: '/description', rule: 'overrules', shown: 'ignore all', count: 1 } as const;
  const state = {
    id: 'a'.repeat(64),
    what: 'phrases',
    rule: 'overrules',
    pointer: '/description',
    reason: null,
    by: null,
    at: null,
  } as const;
  const open = makeTool('telling', { phrases: [found], findings: [{ ...state, state: 'open' }] });
  const settled = makeTool('telling', { phrases: [found], findings: [{ ...state, state: 'acknowledged' }] });
  const ask = (tool: typeof open) => listUnseen(decideAll(createReviewDraft({ entries: [tool] }), [tool], 'approved'), [tool]);
  expect([ask(open), ask(settled)]).toEqual([['telling'], []]);
  const listPlain = (tool: typeof open) => filterPlainTools(createReviewDraft({ entries: [tool] }), [tool]);
  expect([listPlain(open), listPlain(settled)]).toEqual([[], [settled]]);
  expect(describeReview(makeReview([open])).at(-1)).toContain('Look at what was found in telling');
  expect(describeReview(makeReview([settled])).at(-1)).not.toContain('Look at');
});

test('what may be secret or personal is not approved before somebody ticked that they looked at it', () => {
  const telling = makeTool('telling', { privatePassages: [{ pointer: '/description', rule: 'email', isSecret: false }] });
  const entries = [makeTool('plain'), telling];
  const start = createReviewDraft({ entries });
  expect(filterPlainTools(start, entries)).toEqual([entries[0]]);
  expect(listUnseen(decideAll(start, entries, 'approved'), entries)).toEqual(['telling']);
});

test('what has to be looked at is said in plain words, and is not approved with the rest, whatever it is', () => {
  const definition = { uri: 'doc://a', name: 'a' };
  const entries = ['plain', 'encoded', 'personal'].map((name) =>
    makeEntry({ kind: 'resource', name: `doc://${name}`, definition }),
  );
  const [plain, encoded, personal] = entries;
  encoded!.hiddenText.push({ pointer: '/description', rule: 'encoded', shown: 'Ignore all (written as SWdub3Jl)', count: 1 });
  personal!.privatePassages.push({ pointer: '/description', rule: 'phone', isSecret: false });
  expect(filterPlainOthers(createReviewDraft({ entries }), entries)).toEqual([plain]);
  expect(describeReview(withOthers(entries)).at(-1)).toBe(
    'Look at what was found in doc://encoded and doc://personal before you approve them.',
  );
});

test('the button says what it does', () => {
  expect(describeTally({ approved: 1, rejected: 0, undecided: 0 })).toBe('Approve 1 tool');
  expect(describeTally({ approved: 0, rejected: 3, undecided: 0 })).toBe('Reject 3 tools');
  expect(describeTally({ approved: 2, rejected: 1, undecided: 0 })).toBe('Approve 2, reject 1');
});

const PROMPT = { name: 'summarise', description: 'Sum\u200B up.' };
type Part = Pick<ReviewEntry, 'kind' | 'name' | 'definition'>;
function makeEntry(part: Part & { change?: ReviewEntry['change'] }): ReviewEntry {
  const entry = CatalogueEntry.parse({ pin: 'b'.repeat(64), ...part });
  if (entry.kind === 'tool') throw new Error('a tool: use tool()');
  const decision = { verdict: 'pending' as const, note: null, decidedBy: null, decidedAt: null, ignored: [] };
  return {
    ...entry,
    change: part.change ?? 'new',
    previousDefinition: null,
    wasRejected: false,
    elsewhere: [],
    former: null,
    reworded: [],
    hiddenText: [],
    privatePassages: [],
    phrases: [],
    lookAlikes: [],
    foreignNames: [],
    findings: [],
    notShown: [],
    schemaNotes: [],
    decision,
  };
}
const SUMMARISE = makeEntry({ kind: 'prompt', name: 'summarise', definition: PROMPT });

function withOthers(others: ReviewEntry[]): ReviewDetail {
  return { ...makeReview([]), entries: [makeTool('a'), ...others], removed: [{ kind: 'resource', name: 'doc://old' }] };
}

test('prompts and resources are told in the summary, with what a reader would not see', () => {
  const definition = { uriTemplate: 'order://{id}', name: 'o' };
  const detail = withOthers([SUMMARISE, makeEntry({ kind: 'template', name: 'order://{id}', definition, change: 'changed' })]);
  expect(describeReview(detail).slice(2)).toEqual([
    'It also offers 1 prompt and 1 resource template, which AI clients can read.',
    'New among them: summarise.',
    'Changed among them: order://{id}.',
    'Not offered any more, or kept at its site: doc://old.',
    'summarise holds characters that a reader would not see.',
  ]);
});

test('deciding all leaves what was decided alone, and every entry is sent once', () => {
  const others = [SUMMARISE, makeEntry({ kind: 'resource', name: 'summarise', definition: { uri: 'summarise', name: 's' } })];
  const start = createReviewDraft({ entries: others });
  expect(countVerdicts(start)).toEqual({ approved: 0, rejected: 0, undecided: 2 });
  const alone = { kind: 'prompt', name: 'summarise', verdict: 'rejected', note: ' hides text ', ignored: [] } as const;
  const all = decideAll({ ...start, 'prompt summarise': alone }, others, 'approved');
  expect(countVerdicts(all)).toEqual({ approved: 1, rejected: 1, undecided: 0 });
  expect(toDecisions(all)).toEqual([
    { kind: 'prompt', name: 'summarise', verdict: 'rejected', note: 'hides text' },
    { kind: 'resource', name: 'summarise', verdict: 'approved' },
  ]);
});

test.each([
  ['rejected', { verdict: 'rejected', risk: null, isSame: true, waits: false }],
  ['approved as destructive, with another definition', { verdict: 'approved', risk: 'destructive', isSame: false, waits: false }],
  ['rejected as read, waiting for a second person', { verdict: 'rejected', risk: 'read', isSame: true, waits: true }],
] as const)('what was decided elsewhere is said in a sentence: %s', (sentence, said) => {
  expect(describeSaid(said)).toBe(sentence);
});

test('entries that changed places are told as that, and what was gone and is back', () => {
  const review = {
    ...makeReview([makeTool('a'), makeTool('b'), makeTool('c'), makeTool('d')]),
    moves: [
      { move: 'swapped', kind: 'tool', name: 'a', other: 'b' },
      { move: 'renamed', kind: 'tool', name: 'c', from: 'old' },
      { move: 'returned', kind: 'tool', name: 'd' },
    ],
  } satisfies ReturnType<typeof makeReview>;
  expect(describeReview(review)).toEqual(
    expect.arrayContaining([
      'a and b have swapped: each has the definition that the other one had.',
      'c has the definition of old, which is not offered any more.',
      'Offered again, after it was gone: d.',
    ]),
  );
});

test('orders to a model and look-alike names are not approved with the rest', () => {
  const phrase = { pointer: '/description', rule: 'secrecy', shown: 'do not tell the user', count: 1 } as const;
  const entries = [makeTool('plain'), makeTool('ordering', { phrases: [phrase] }), makeTool('pIain', { lookAlikes: ['plain'] })];
  const start = createReviewDraft({ entries });
  expect(filterPlainTools(start, entries)).toEqual([entries[0]]);
  expect(listUnseen(decideAll(start, entries, 'approved'), entries)).toEqual(['ordering', 'pIain']);
});

test('who rejects says why, but for what was rejected before and stays so', () => {
  const tool = makeTool('a');
  const chosen = { ...createReviewDraft({ entries: [tool] })['tool a']!, verdict: 'rejected' } as const;
  const before = { ...tool, decision: { ...tool.decision, verdict: 'rejected' as const } };
  expect([takesReason(tool, chosen, false), takesReason(tool, { ...chosen, note: 'no' }, false)]).toEqual([true, false]);
  expect([takesReason(before, chosen, true), takesReason(before, chosen, false)]).toEqual([false, true]);
});

test('it is said of which tools the audit will show shapes only', () => {
  const entries = [makeTool('a'), makeTool('b'), makeTool('c')];
  const all = decideAll(createReviewDraft({ entries }), entries, 'approved');
  const draft: ReviewDraft = {
    ...all,
    'tool a': { ...all['tool a']!, kind: 'tool', risk: 'read', logArguments: ['/id'], logResults: [] },
    'tool c': { ...all['tool c']!, verdict: 'rejected' },
  };
  expect(listShapesOnly(draft)).toEqual(['b']);
  expect([
    describeLogged({ logArguments: ['/id'], logResults: [] }),
    describeLogged({ logArguments: [], logResults: [] }),
  ]).toEqual(['Audit shows 1 value', 'Audit shows no values']);
});

test('rows begin with what changed, then what is new, each with one line of what it says of itself', () => {
  const entries = (['unchanged', 'new', 'changed'] as const).map((change) => makeTool(change, { change }));
  expect(sortChangesFirst(entries).map(({ name }) => name)).toEqual(['changed', 'new', 'unchanged']);
  const lines = ['Finds an order. Fast.', ' Finds\nmore', '', 'x'.repeat(300)].map((description) =>
    getFirstLine({ definition: defineTool('a', { description }) }),
  );
  expect(lines).toEqual(['Finds an order.', 'Finds', '', `${'x'.repeat(200)}…`]);
});

test('what was decided together is taken back, and nothing that was chosen otherwise before or since', () => {
  const detail = makeReview(['a', 'b', 'c', 'd'].map((name) => makeTool(name, { change: 'new' })));
  const start = createReviewDraft(detail);
  const [a, b, c, d] = Object.keys(start);
  const choose = (draft: ReviewDraft, key = '', verdict: 'approved' | 'rejected') => {
    const chosen = draft[key];
    return chosen ? { ...draft, [key]: { ...chosen, verdict } } : draft;
  };
  const before = choose(start, a, 'rejected');
  const made = decideAll(before, detail.entries.slice(0, 3), 'approved');
  const since = choose(choose(made, c, 'rejected'), d, 'approved');
  const back = takeBackTogether(since, { before, made });
  expect([a, b, c, d].map((key) => back[key ?? '']?.verdict)).toEqual(['rejected', null, 'rejected', 'approved']);
});
