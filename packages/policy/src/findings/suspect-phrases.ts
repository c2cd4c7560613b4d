/** What a text of a definition does that only an order to a model does, or gives away: closed, each with its own words in the console. */
export const PHRASE_RULES = [
  'overrules',
  'secrecy',
  'tags',
  'new-role',
  'conversation',
  'goes-first',
  'other-tools',
  'side-note',
  'secret-files',
  'environment',
  'environment-dump',
] as const;
export type PhraseRule = (typeof PHRASE_RULES)[number];

/** A stretch of a text, `end` exclusive. */
export interface PhraseStretch {
  start: number;
  end: number;
  rule: PhraseRule;
}

const joinWords = (list: string): string => `(?:${list.trim().split(/\s+/).join('|')})`;

const PERSON = '(?:users?|humans?|person|operator|anyone|anybody)';
const TELL = joinWords(
  'tell telling inform informing mention mentioning reveal revealing notify notifying show showing alert alerting disclose disclosing report reporting display displaying',
);
const RULES = joinWords(
  'instructions? prompts? rules? messages? directions? directives? guidelines? commands? policy policies restrictions? checks?',
);
const GIVE = joinWords('reveal print output repeat show send include pass append leak copy provide return forward share');
const VARIABLES = 'env(?:ironment)?[ _-]*(?:variables?|vars?)';

/** By rule how it is worded, in time in proportion to the text: each repetition is bounded. White space of any kind and length is one. */
const PATTERNS: readonly [PhraseRule, string][] = [
  [
    'overrules',
    `\\b${joinWords('ignore disregard forget override bypass overrule')} (?:${joinWords('all any every the your of my these those other')} ){0,4}${joinWords('previous prior above earlier preceding system existing former original safety security')} (?:\\w+ ){0,2}?${RULES}\\b`,
  ],
  [
    'secrecy',
    `\\b(?:do not|don['’]t|never|without|must not|should not|mustn['’]t|shouldn['’]t|avoid|not to) (?:${joinWords('ever even directly explicitly be')} )?${TELL} (?:[\\w'’]{1,30} ){0,6}?${PERSON}\\b`,
  ],
  [
    'secrecy',
    `\\bwithout (?:the )?(?:${PERSON}['’]?s?|their) ${joinWords('knowledge knowing consent awareness permission noticing approval confirmation')}\\b|\\bwithout (?:asking|prompting|consulting|confirming with) (?:the )?${PERSON}\\b|\\b${joinWords('hidden hide conceal secret')} (?:\\w{1,30} ){0,4}?from (?:the )?${PERSON}\\b`,
  ],
  [
    'tags',
    `< ?/? ?${joinWords('important system system_?prompt instructions? secret hidden critical admin assistant override internal')} ?/? ?>|\\[/?${joinWords('INST SYSTEM IMPORTANT')}\\]|<\\|${joinWords('im_start im_end system user assistant endoftext')}\\|>|<<SYS>>`,
  ],
  [
    'new-role',
    `\\byou are now ${joinWords('a an in the operating acting')}\\b|\\b${joinWords('new updated real actual secret hidden')} (?:system )?instructions? ?:|\\b(?:pretend to be|act as if you|act like you)\\b|\\bdeveloper mode\\b`,
  ],
  [
    'conversation',
    `\\b${GIVE}\\b[^.\\n]{0,60}?\\b(?:system prompt|(?:entire|full|whole|complete|previous|prior) (?:\\w+ )?(?:conversation|chat|dialog(?:ue)?)|(?:conversation|chat) (?:history|context)|list of all (?:the )?tools)\\b`,
  ],
  [
    'goes-first',
    `\\b(?:before|prior to|after) (?:using|calling|invoking|running|executing|any use of) (?:any|every|all) (?:of the )?(?:other )?${joinWords('tools? functions? commands? actions?')}\\b|\\b(?:must|always|should) (?:be )?${joinWords('call use invoke run called used invoked')}\\b[^.\\n]{0,40}\\b(?:before|instead of|prior to) (?:any|all|every)\\b[^.\\n]{0,20}\\b${joinWords('tools? functions? actions?')}\\b`,
  ],
  [
    'other-tools',
    `\\bwhen(?:ever)? (?:${joinWords('the a an any')} )?(?:other )?\\S{1,80} (?:tool|function) is ${joinWords('called used invoked run available present')}\\b[^.\\n]{0,100}\\b${joinWords('must always instead also should will')}\\b`,
  ],
  ['side-note', '\\bside[ _-]?notes?\\b'],
  [
    'secret-files',
    `(?:~|\\$HOME|/root|/home/[\\w<>-]{1,32}|%USERPROFILE%)[/\\\\]\\.${joinWords('ssh aws gnupg kube netrc docker config cursor npmrc pgpass bash_history zsh_history git-credentials')}\\b|\\bid_${joinWords('rsa ed25519 ecdsa dsa')}\\b|/etc/${joinWords('passwd shadow sudoers')}\\b|(?<![\\w.])\\.(?:cursor|vscode)/mcp\\.json`,
  ],
  [
    'environment',
    `\\bprocess\\.env\\b|\\bos\\.environ\\b|\\bprint_?env\\b|\\bSystem\\.getenv\\b|/proc/(?:self|\\d{1,9}|\\*)/environ\\b|\\b${joinWords('all every entire whole complete full current existing available')} (?:of )?(?:the |its |your )?(?:server['’]?s? )?(?:process |system |shell )?${VARIABLES}\\b|\\b${joinWords('dump exfiltrate leak print harvest collect steal')}s? [^.\\n]{0,40}?\\b(?:environment|${VARIABLES})\\b`,
  ],
];

const READ: readonly [PhraseRule, RegExp][] = PATTERNS.map(([rule, pattern]) => [
  rule,
  new RegExp(pattern.replaceAll(' ?', '\\s{0,9}').replaceAll(' ', '\\s{1,99}'), 'giu'),
]);

/** Names that an environment has everywhere, each with a value behind it. */
const ASSIGNED =
  /(?<![\w$])(PATH|HOME|USER|LOGNAME|SHELL|PWD|OLDPWD|HOSTNAME|LANG|LC_ALL|TERM|TMPDIR|SHLVL|EDITOR|NODE_ENV|JAVA_HOME|PYTHONPATH|VIRTUAL_ENV|USERPROFILE|APPDATA|COMPUTERNAME|KUBERNETES_SERVICE_HOST|AWS_[A-Z_]{3,40}|GITHUB_[A-Z_]{3,40}|DATABASE_URL|REDIS_URL)"?(?:=|:\s?)["']?[^\s"'<>{},;]/gu;
/** So many different ones are no example of one. */
const DUMPED = 3;

/**
 * Stretches that talk to a model as its user or operator does, or reach for what lies on the machine: made so that what ordinary servers say of
 * their tools is none. It is a list of words: what it does not find may be an order all the same.
 */
export function findSuspectPhrases(text: string): PhraseStretch[] {
  const phrases = READ.flatMap(([rule, pattern]) =>
    Array.from(text.matchAll(pattern), ({ index, 0: found }): PhraseStretch => ({
      start: index,
      end: index + found.length,
      rule,
    })),
  );
  const assigned = [...text.matchAll(ASSIGNED)];
  const [first, last] = [assigned[0], assigned.at(-1)];
  const isDump = new Set(assigned.map(([, name]) => name)).size >= DUMPED;
  if (!isDump || !first || !last) return phrases;
  return [...phrases, { start: first.index, end: last.index + last[0].length, rule: 'environment-dump' }];
}
