import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

import { expect, test } from 'vitest';
import { parse } from 'yaml';

import { buildGuardrailsSchema } from '../../src/config/guardrails/guardrails-file.ts';
import { loadGuardrails } from '../../src/config/guardrails/guardrails.ts';
import { CommandRefused, describeCommand } from '../../src/config/guardrails/stdio-command.ts';
import { openStdioEntry } from '../../src/config/guardrails/stdio-entry.ts';
import { makeHome, runAgent } from '../support/agent/agent-process.ts';
import { hasBubblewrap } from '../support/bubblewrap.ts';
import { makeTempDir } from '../support/disk/temp-dir.ts';

const NODE = realpathSync(process.execPath);
const hashFile = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');

function writeFile(path: string, text: string, mode = 0o644): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}

/** A folder with one installed package, as npm leaves it. */
function installPackage(home = makeTempDir(), name = '@acme/some-server', version = '1.2.3') {
  const folder = join(home, 'node_modules', name);
  writeFile(join(folder, 'package.json'), JSON.stringify({ name, version, bin: { 'some-server': './main.js' } }));
  const script = writeFile(join(folder, 'main.js'), '#!/usr/bin/env node\nserve()\n', 0o755);
  return { home, folder, script };
}

async function describe(words: string[], cwd: string, environment: Record<string, string> = {}) {
  return describeCommand(words, {
    cwd,
    environment: { HOME: cwd, PATH: '/usr/bin:/bin', ...environment },
    node: process.execPath,
  });
}

test('the published schema is what `guardrails schema` prints', () => {
  const published = readFileSync(join(import.meta.dirname, '../../../../docs/guardrails.schema.json'), 'utf8');
  expect(JSON.parse(published)).toEqual(buildGuardrailsSchema());
});

test('T-20: npx becomes the file that it would run, by Node, with the hash of both, and the agent starts what is printed', async () => {
  const { home, folder, script } = installPackage();
  writeFile(join(home, 'data.txt'), 'data');
  const { entry, notes } = await describe(['npx', '-y', '@acme/some-server@1.2.3', '--root', '/srv', 'data.txt'], home);
  expect(entry).toEqual({
    command: NODE,
    args: [script, '--root', '/srv', 'data.txt'],
    cwd: home,
    env: [],
    sha256: { [NODE]: hashFile(NODE), [script]: hashFile(script), [join(home, 'data.txt')]: hashFile(join(home, 'data.txt')) },
    sandbox: 'required',
    network: false,
    read: [join(home, 'node_modules')],
    write: [],
  });
  expect(notes).toEqual([
    '@acme/some-server 1.2.3',
    `The hashes do not cover what ${script} loads. Keep ${join(home, 'node_modules')} writable by root only.`,
  ]);
  expect((await describe(['npx', '--package', '@acme/some-server', 'some-server', 'a'], folder)).entry.args).toEqual([
    script,
    'a',
  ]);
  const guardrails = writeFile(join(home, 'guardrails.yaml'), JSON.stringify({ stdio: { files: entry } }));
  const { stdio } = await loadGuardrails(guardrails, null);
  expect(await openStdioEntry(stdio, 'files')).toMatchObject({ command: NODE });
  writeFileSync(script, 'evil()');
  await expect(openStdioEntry(stdio, 'files')).rejects.toThrow(/has changed/);
});

test('an npx that would fetch, a fetcher, a shell and a command that is not there are refused with what to do instead', async () => {
  const { home } = installPackage();
  const plain = writeFile(join(home, 'plain.js'), 'serve()');
  const lost = writeFile(join(home, 'lost'), '#!/usr/bin/env no-such-runner\n', 0o755);
  const refused: [string[], RegExp][] = [
    [['npx', '-y', 'absent; touch made'], /npm install --prefix \/opt\/mcp 'absent; touch made'\)/],
    [['npx', '-y', 'absent-server'], /not installed.*npm install --prefix \/opt\/mcp absent-server/],
    [['npx', '@acme/some-server@2.0.0'], /holds version 1\.2\.3, not 2\.0\.0/],
    [['npx', '--call', 'id'], /npx --call is not understood/],
    [['npx', '-y', '../evil'], /is not installed/],
    [['npx'], /needs a package/],
    [['uvx', 'server'], /uvx fetches/],
    [['pnpm', 'dlx', 'server'], /dlx fetches/],
    [['sh', '-c', 'node x'], /A shell would run text/],
    [['bash', '-lc', 'node x'], /A shell would run text/],
    [['npm', 'exec', 'server'], /npm exec fetches/],
    [['uv', 'run', 'server'], /uv run fetches/],
    [['npm', 'run', 'start'], /npm run runs a text of package\.json/],
    [['sudo', 'node', 'x.js'], /sudo starts another program.*"user" of the entry/],
    [['TOKEN=1', 'node', 'x.js'], /^TOKEN is a variable\. .*"env" of the entry names it/],
    [['node x.js'], /Give its words apart: -- node x\.js$/],
    [['node', 'absent.js'], new RegExp(`^absent\\.js is not in ${home}\\. Go to the folder of the server`)],
    [['./absent'], new RegExp(`^${home}/absent does not exist\\. Go to the folder`)],
    [['./node_modules'], /node_modules is a folder\. Give the program in it/],
    [['plain.js'], /is not in PATH\. Give the path of the one in this folder: \.\/plain\.js$/],
    [['./plain.js'], new RegExp(`^${plain} cannot be started: it is not executable.*give what runs it: node ${plain}$`)],
    [['./lost'], new RegExp(`^The first line of ${lost} names it: no-such-runner is not in PATH`)],
    [['no-such-command'], /is not in PATH on this machine\. Install it, or give its path/],
    [['node', 'a\nb'], /line break/],
  ];
  for (const [words, reason] of refused) {
    const described = describe(words, home, { PATH: `${dirname(process.execPath)}:/usr/bin:/bin` });
    await expect(described, words.join(' ')).rejects.toThrow(CommandRefused);
    await expect(described, words.join(' ')).rejects.toThrow(reason);
  }
});

test('a program is named by its real path, a script by its interpreter, and what no hash covers is said', async () => {
  const home = makeTempDir();
  const tool = writeFile(join(home, 'real/tool'), '\x7fELF', 0o755);
  mkdirSync(join(home, 'bin'));
  symlinkSync(tool, join(home, 'bin/tool'));
  expect((await describe(['tool', '--a'], home, { PATH: join(home, 'bin') })).entry).toMatchObject({
    command: tool,
    args: ['--a'],
    sha256: { [tool]: hashFile(tool) },
  });
  const script = writeFile(join(home, 'run.sh'), '#!/bin/sh -e\nexec other\n', 0o755);
  const sh = realpathSync('/bin/sh');
  const { entry, notes } = await describe(['./run.sh'], home);
  expect(entry).toMatchObject({ command: sh, args: ['-e', script], sha256: { [sh]: hashFile(sh), [script]: hashFile(script) } });
  expect(notes).toEqual([`The hashes do not cover what ${script} loads. Keep ${home} writable by root only.`]);
  const docker = writeFile(join(home, 'docker'), '\x7fELF', 0o755);
  expect((await describe([docker, 'run', '-i', 'image'], home)).notes).toEqual([expect.stringContaining('by digest') as string]);
  symlinkSync(script, join(home, 'linked.sh'));
  await expect(describe([tool, join(home, 'linked.sh')], home)).rejects.toThrow(`Name ${script} itself`);
});

test('guardrails check names every problem at once and says so with its exit code; entry prints what check accepts', async () => {
  const { home: site, script } = installPackage();
  const home = await makeHome({ environment: { SECRET_SHORT: 'short', SECRET_SHORT_ORIGIN: 'https://api.example' } });
  const run = async (args: string[], environment = home.environment) => {
    const agent = await runAgent({ ...home, environment }, 'guardrails', ...args);
    return { code: await agent.ended, output: agent.readOutput() };
  };
  const printed = await run(['entry', '--name', 'files', '--cwd', site, '--', 'npx', '-y', '@acme/some-server', '-x']);
  expect(printed.code).toBe(0);
  const { stdio } = parse(printed.output) as { stdio: Record<string, { args: string[]; sha256: object }> };
  expect(stdio['files']?.args).toEqual([script, '-x']);
  const bare = await run(['entry', '--cwd', site, 'npx', '-y', '@acme/some-server', '--name', 'x']);
  expect(parse(bare.output)).toMatchObject({ stdio: { 'my-server': { args: [script, '--name', 'x'] } } });

  const { SECRET_SHORT: _short, SECRET_SHORT_ORIGIN: _origin, ...clean } = home.environment;
  if (hasBubblewrap) {
    const confined = writeFile(join(site, 'confined.yaml'), printed.output, 0o444);
    const { code, output } = await run(['check', confined], clean);
    expect(output).toMatch(/^stdio entry "files" runs in a sandbox \(\S+\/bwrap\) without network\.\n\S+ is in order\.\n$/);
    expect(code).toBe(0);
  }
  const good = writeFile(join(site, 'good.yaml'), printed.output.replace('sandbox: required', 'sandbox: none'), 0o444);
  const way = 'stdio entry "files" runs without a sandbox, as it says, with all that its user may.';
  expect(await run(['check', good], clean)).toEqual({ code: 0, output: `${way}\n${good} is in order.\n` });
  const nosy = await run(
    ['check', writeFile(join(site, 'nosy.yaml'), printed.output.replace('write: []', `write: [${home.dataDir}]`), 0o444)],
    clean,
  );
  expect(nosy).toMatchObject({
    code: 1,
    output: expect.stringMatching(hasBubblewrap ? /the agent's own/ : /apt install bubblewrap/),
  });
  const absent = join(site, 'absent.yaml');
  const lost = await run(['check', relative(process.cwd(), absent)], { ...clean, GATEHOUSE_GUARDRAILS_FILE: good });
  const told = `${absent} does not exist. Give the path of the file, or none for the one that the agent reads: ${good}\n`;
  expect(lost).toEqual({ code: 1, output: told });
  const empty = writeFile(join(site, 'empty.yaml'), '# nothing yet\n', 0o444);
  const nothing = { code: 0, output: `${empty} is in order. It sets nothing; the strict defaults hold.\n` };
  expect(await run(['check', empty], clean)).toEqual(nothing);
  const none = await run(['check'], { ...clean, GATEHOUSE_GUARDRAILS_FILE: absent });
  expect(none).toEqual({
    code: 0,
    output: `${absent} does not exist; the strict defaults hold. Another file: guardrails check FILE\n`,
  });

  writeFileSync(script, 'changed()');
  const entry = { ...stdio['files'], sandbox: 'none', sha256: {} };
  const credentials = [{ reference: 'file:/vault/token', origins: ['https://api.example'] }];
  const bad = writeFile(
    join(site, 'bad.yaml'),
    JSON.stringify({ stdio: { files: { ...entry, sha256: stdio['files']?.sha256 }, bare: entry }, credentials }),
  );
  const { GATEHOUSE_ALLOW_OWN_GUARDRAILS: _allowed, ...strict } = home.environment;
  const { code, output } = await run(['check', bad], strict);
  expect(code).toBe(1);
  expect(output.trim().split('\n')).toEqual([
    expect.stringMatching(/^stdio entry "files" runs without/),
    expect.stringMatching(/^stdio entry "bare" runs without/),
    expect.stringMatching(/runs as root|own user/),
    expect.stringContaining(`${bad}:1: stdio entry "bare": ${NODE} has no sha256 in the guardrails.`),
    expect.stringContaining(`${bad}:1: stdio entry "bare": ${script} has no sha256 in the guardrails.`),
    expect.stringContaining(`stdio entry "files": ${script} has changed since it was allowed (SHA-256 differs).`),
    expect.stringMatching(/^env:SECRET_SHORT is shorter than 8 characters/),
    'file:/vault/token does not exist.',
  ]);
  expect((await run(['check', writeFile(join(site, 'worse.yaml'), 'http: { hosts: 1 }\nallow: all\n', 0o444)])).output).toMatch(
    /hosts.*\n.*allow/s,
  );
  expect((await run(['entry', '--', 'npx', 'absent-server'])).output).toMatch(/^absent-server is not installed/);
  expect((await run(['entry'])).output).toMatch(/missing required argument 'command'\n.*guardrails entry -- npx -y some-server/);
  expect((await run(['entry', '--name', 'My Server', '--', 'node'])).output).toMatch(/must be a name of lower-case letters/);
  for (const cwd of ['absent', 'good.yaml']) {
    const { output: refused } = await run(['entry', '--cwd', join(site, cwd), '--', 'node']);
    expect(refused).toBe(`${join(site, cwd)} is no folder. Name the one that the command runs in: --cwd /opt/mcp\n`);
  }
});
