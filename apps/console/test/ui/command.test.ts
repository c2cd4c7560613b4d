import { execFileSync } from 'node:child_process';

import { expect, test } from 'vitest';

import { buildCommand, formatWord } from '@gatehouse/process/shell-command';

import { buildInstallCommand } from '../../src/features/agent/install-command.ts';
import { RECIPES } from '../../src/features/connect/recipes.ts';
import { readCmd, readPowerShell } from './windows-shells.ts';

const HOSTILE = [
  '',
  ' ',
  '-rf',
  '~',
  '*',
  '#',
  '$(touch pwned)',
  '`id`',
  "'; id; '",
  '";id;"',
  "it's \\'",
  '\\',
  'a\\',
  '$HOME',
  '${IFS}',
  '%PATH%',
  '!x',
  '^&calc',
  'a&b|c>d<e;f',
  '(x)',
  '{a,b}',
  '\u2018;calc;\u2019',
  'https://a.example/?x=1&y=2',
  'Ökonom 🐙',
  '--flag',
  '-a.b',
  '-Path:x',
  '/c',
  '@splat',
  '$env:PATH',
  '%CD:~0,1%',
  '^',
  '\uFF02&calc&\uFF02',
  '"&calc&"',
  'a "b" c',
  'two words\\',
  '1..3',
  '--%',
  '\u201Cx\u201D',
  '\u2019',
];

test('T-55: a POSIX shell hands on exactly the words that were given, whatever is in them', () => {
  const command = buildCommand('posix', ['printf', String.raw`%s\0`, ...HOSTILE]);
  for (const shell of ['sh', 'bash']) {
    const words = execFileSync(shell, ['-c', command ?? 'exit 1'], { encoding: 'utf8' }).split('\0');
    expect(words).toEqual([...HOSTILE, '']);
  }
});

test('T-55: no backslash stands inside of quotes, where fish would read it', () => {
  for (const word of HOSTILE) expect(formatWord('posix', word)).toMatch(/^(?:[\w./:-]+|'[^'\\]*'|\\['\\])*$/);
  const hostile = String.raw`\'; id; '`;
  expect(formatWord('posix', hostile)).toBe([String.raw`''\\''\''; id; '\'`, "''"].join(''));
});

test('T-55: what acts on a terminal is written for no shell', () => {
  for (const word of ['a\nb', 'a\rb', 'a\u2028b', 'a\0b', '\u001b[2J', '\u009b2J', '\u202e', '\u200b', '\ud800']) {
    for (const shell of ['posix', 'powershell', 'cmd'] as const) expect(formatWord(shell, word)).toBeNull();
  }
});

test('T-55: PowerShell reads a literal in single quotes, the typographic ones too', () => {
  expect(formatWord('powershell', '$(calc); `x')).toBe("'$(calc); `x'");
  expect(formatWord('powershell', "it's")).toBe("'it''s'");
  expect(formatWord('powershell', '\u2018;calc;\u2019')).toBe("'\u2018\u2018;calc;\u2019\u2019'");
  expect(formatWord('powershell', 'a"b')).toBeNull();
});

test.each([
  ['powershell', readPowerShell],
  ['cmd', readCmd],
] as const)('T-55: by the documented rules of %s a program gets exactly each word, or the word is not written', (shell, read) => {
  let written = 0;
  for (const word of HOSTILE) {
    const command = buildCommand(shell, ['claude', word, 'after']);
    if (command === null) continue;
    written += 1;
    expect(read(command), command).toEqual(['claude', word, 'after']);
  }
  expect(written).toBeGreaterThan(15);
});

test('T-55: the Command Prompt gets double quotes, and nothing that they do not hold', () => {
  expect(formatWord('cmd', 'a&b|c>d')).toBe('"a&b|c>d"');
  for (const word of ['%PATH%', 'a"&calc&"', '!x!', 'a^b', 'C:\\', '\uFF02&calc&\uFF02'])
    expect(formatWord('cmd', word)).toBeNull();
});

test('T-55: an endpoint that a rogue agent reports and a name that holds a command stay words and strings in every recipe', () => {
  for (const text of HOSTILE) {
    const url = `http://a.example/${text}`;
    for (const recipe of RECIPES) {
      for (const block of recipe.buildBlocks({ profileSlug: 'orders', profileName: text, url, key: text })) {
        if (block.language === 'json') expect(JSON.stringify(JSON.parse(block.text))).toContain(JSON.stringify(url).slice(1, -1));
        if (!block.title.includes('Linux')) continue;
        const script = `claude() { printf '%s\\0' "$@"; }\n${block.text}`;
        const words = execFileSync('sh', ['-c', script], { encoding: 'utf8' }).split('\0');
        expect(words.slice(-5)).toEqual(['orders', url, '--header', `Authorization: Bearer ${text}`, '']);
      }
    }
  }
});

test('T-55: the install command runs what it says', () => {
  const facts = { consoleUrl: "https://a';id;'.example", sha256: 'ab', token: '$(touch pwned)' };
  const script = `curl() { printf 'curl %s\\n' "$2"; }; sha256sum() { cat; }; node() { echo "$GATEHOUSE_ENROLL_TOKEN"; }\n`;
  const said = execFileSync('sh', ['-c', script + buildInstallCommand(facts, 'linux')], { encoding: 'utf8' });
  expect(said).toBe(
    `curl ${new URL('/agent/gatehouse-agent.mjs', facts.consoleUrl).href}\nab  gatehouse-agent.mjs\n$(touch pwned)\n`,
  );
});
