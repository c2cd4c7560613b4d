import { mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { expect, test } from 'vitest';

import { readSecretFile, SecretUnavailable } from '../../src/secrets/secret-file.ts';
import { SiteSecrets, type SiteSecretsOptions } from '../../src/secrets/site-secrets.ts';
import { makeTempDir } from '../support/disk/temp-dir.ts';

const API = 'https://api.example';
const EVIL = 'https://evil.example';

function openSite(options: Partial<SiteSecretsOptions> = {}) {
  const home = makeTempDir();
  const known: string[] = [];
  const secrets = new SiteSecrets({
    findBarrier: () => null,
    environment: {},
    named: new Map(),
    secretsDir: join(home, 'secrets'),
    dataDir: join(home, 'state'),
    guardrailsFile: '/etc/gatehouse-agent/guardrails.yaml',
    onSecret: (value) => void known.push(value),
    ...options,
  });
  const write = (path: string, text: string): string => {
    const file = join(home, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    return `file:${file}`;
  };
  return { home, secrets, known, write };
}

test('T-21: a site offers by folder, by variable and in its guardrails, each to the origins that it says', async () => {
  const named = new Map([['env:NAMED', [API]]]);
  const environment = {
    NAMED: 'named-secret',
    SECRET_ONE: 'variable-secret',
    SECRET_ONE_ORIGIN: 'https://api.example, https://login.example:8443',
  };
  const { secrets, write } = openSite({ environment, named });
  const inFolder = write('secrets/api.example/token', 'folder-secret\n');
  const withPort = write('secrets/api.example:8443/token', 'other-secret');
  expect(await secrets.resolve('env:NAMED', [API])).toBe('named-secret');
  expect(await secrets.resolve('env:SECRET_ONE', [API, 'https://login.example:8443'])).toBe('variable-secret');
  expect(await secrets.resolve(inFolder, [API])).toBe('folder-secret');
  expect(await secrets.resolve(withPort, ['https://api.example:8443'])).toBe('other-secret');

  for (const reference of ['env:NAMED', 'env:SECRET_ONE', inFolder, withPort]) {
    for (const origins of [[EVIL], [API, EVIL], ['http://api.example'], ['https://api.example:8444']] as const)
      await expect(secrets.resolve(reference, origins), `${reference} ${origins.join()}`).rejects.toThrow(SecretUnavailable);
  }
});

test('T-21: nothing else can be named, however it is spelled, and nothing of it is read', async () => {
  const environment = {
    PATH: '/usr/bin:/bin',
    SECRET_LONELY: 'without-an-origin',
    SECRET_BAD: 'with-a-bad-origin',
    SECRET_BAD_ORIGIN: 'everywhere',
    GATEHOUSE_ENROLL_TOKEN: 'agt_enroll_token',
    GATEHOUSE_ENROLL_TOKEN_ORIGIN: API,
  };
  const home = makeTempDir();
  const state = join(home, 'state');
  const named = new Map([
    ['env:GATEHOUSE_ENROLL_TOKEN', [API]],
    [`file:${state}/identity.json`, [API]],
    ['file:/proc/self/environ', [API]],
  ]);
  const { secrets, known, write, home: site } = openSite({ environment, dataDir: state, named });
  mkdirSync(state);
  writeFileSync(join(state, 'identity.json'), '{"privateKey":"never"}');
  write('secrets/api.example/token', 'folder-secret');
  write('elsewhere/token', 'outside-secret');
  symlinkSync('/etc/passwd', join(site, 'secrets/api.example/link-out'));
  symlinkSync(join(site, 'elsewhere'), join(site, 'secrets/evil.example'));
  const told = [
    'env:SECRET_LONELY is offered to nobody: set SECRET_LONELY_ORIGIN',
    'env:SECRET_BAD is offered to nobody: SECRET_BAD_ORIGIN must be https://host',
    'identity.json is offered to nobody',
    'environ is offered to nobody: nothing in /proc is',
    'link-out is offered to nobody: it leads out of',
    'evil.example is offered to nobody: it leads out of',
  ];
  const problems = await secrets.refresh();
  expect(problems).toHaveLength(told.length);
  for (const text of told) expect(problems).toContainEqual(expect.stringContaining(text));

  const references = [
    'file:/etc/passwd',
    'file:/etc/./passwd',
    'file://etc/passwd',
    'env:PATH',
    'env:SECRET_LONELY',
    'env:SECRET_BAD',
    'env:SECRET_BAD_ORIGIN',
    'env:GATEHOUSE_ENROLL_TOKEN',
    'env:constructor',
    `file:${state}/identity.json`,
    'file:/proc/self/environ',
    'file:/dev/zero',
    'file:/no/such/file',
    `file:${site}/secrets`,
    `file:${site}/secrets/api.example`,
    `file:${site}/secrets/api.example/link-out`,
    `file:${site}/secrets/evil.example/token`,
    `file:${site}/elsewhere/token`,
    `file:${site}/secrets/api.example/../../elsewhere/token`,
  ];
  for (const reference of references) {
    for (const origin of [API, EVIL])
      await expect(secrets.resolve(reference, [origin]), reference).rejects.toThrow(SecretUnavailable);
  }
  // offered, though to nobody: taken out of answers all the same
  expect(new Set(known)).toEqual(new Set(['folder-secret', 'with-a-bad-origin', 'without-an-origin']));
});

test('T-21: a file is bound by where it really is: neither another spelling nor a link moves it to another origin', async () => {
  const { home, secrets, write } = openSite();
  const reference = write('secrets/api.example/token', 'folder-secret');
  mkdirSync(join(home, 'secrets/evil.example'));
  symlinkSync('../api.example/token', join(home, 'secrets/evil.example/token'));
  const spellings = [
    reference,
    reference.replace('/api.example/', '/./api.example//'),
    reference.replace('/api.example/', '/evil.example/../api.example/'),
    reference.replace('/api.example/', '/evil.example/'),
  ];
  for (const spelling of spellings) {
    expect(await secrets.resolve(spelling, [API]), spelling).toBe('folder-secret');
    await expect(secrets.resolve(spelling, [EVIL]), spelling).rejects.toThrow(
      /does not offer .* only to https:\/\/api\.example\./,
    );
  }
});

test('T-21: a folder that has become a link since its path was looked at leads nowhere else', async () => {
  const { home, write } = openSite();
  const file = write('secrets/api.example/token', 'offered-secret').slice('file:'.length);
  write('foreign/token', 'foreign-secret');
  expect(await readSecretFile('file:token', file)).toBe('offered-secret');
  renameSync(dirname(file), join(home, 'aside'));
  symlinkSync(join(home, 'foreign'), dirname(file));
  await expect(readSecretFile('file:token', file)).rejects.toThrow(/led elsewhere/);
});

test('T-21: a refused use binds nothing: the same reference is refused again, and to everybody', async () => {
  const { secrets } = openSite({
    environment: { TOKEN: 'a-token-of-the-agent', SECRET_A: 'offered-secret', SECRET_A_ORIGIN: API },
  });
  for (const origin of [EVIL, API, EVIL]) await expect(secrets.resolve('env:TOKEN', [origin])).rejects.toThrow(/does not offer/);
  for (let times = 0; times < 2; times += 1) {
    await expect(secrets.resolve('env:SECRET_A', [EVIL])).rejects.toThrow(/does not offer/);
    await expect(secrets.resolve('env:SECRET_A', [API, EVIL])).rejects.toThrow(/does not offer/);
    expect(await secrets.resolve('env:SECRET_A', [API])).toBe('offered-secret');
  }
});

test('what is missing is named with the places where it can be put, alike for what exists and what does not', async () => {
  const { home, secrets } = openSite({ environment: { PRESENT: 'a-present-secret', SECRET_A: 'a-present-secret' } });
  const explain = (reference: string, origin: string) =>
    secrets.resolve(reference, [origin]).then(
      () => 'resolved',
      (error: Error) => error.message,
    );
  expect(await explain('env:SECRET_A', API)).toBe(
    `This site does not offer env:SECRET_A to ${API}. On the agent's machine set SECRET_A and SECRET_A_ORIGIN=${API}, or name it with this origin under credentials in /etc/gatehouse-agent/guardrails.yaml.`,
  );
  expect(await explain('env:PRESENT', API)).toBe((await explain('env:ABSENT_', API)).replaceAll('ABSENT_', 'PRESENT'));
  expect(await explain('env:PRESENT', API)).toContain(`${home}/secrets/api.example/<name>`);
  expect(await explain(`file:${home}/secrets/api.example/token`, API)).toContain(
    `put it into ${home}/secrets/api.example/token, or`,
  );
  expect(await explain('file:/etc/passwd', API)).toBe((await explain('file:/etc/passwb', API)).replaceAll('passwb', 'passwd'));
  // over plain HTTP no folder is a place
  expect(await explain('env:PRESENT', 'http://api.example')).not.toContain('secrets/');
});

test('T-28: everything that is offered is known before any of it is asked for, and what is replaced with the next look', async () => {
  const environment = { SECRET_ONE: 'variable-secret', SECRET_ONE_ORIGIN: API };
  const { home, secrets, known, write } = openSite({ environment });
  const reference = write('secrets/api.example/token', 'folder-secret\n');
  expect(await secrets.refresh()).toEqual([]);
  expect(new Set(known)).toEqual(new Set(['variable-secret', 'folder-secret']));
  write('secrets/api.example/next', 'replaced-secret');
  renameSync(join(home, 'secrets/api.example/next'), join(home, 'secrets/api.example/token'));
  await secrets.refresh();
  expect(known).toContain('replaced-secret');
  expect(await secrets.resolve(reference, [API])).toBe('replaced-secret');
});

test('a secret as Kubernetes mounts it is used, and its next version too', async () => {
  const { home, secrets, write } = openSite();
  write('secrets/api.example/..1/token', 'first-version');
  const folder = join(home, 'secrets/api.example');
  symlinkSync('..1', join(folder, '..data'));
  symlinkSync('..data/token', join(folder, 'token'));
  expect(await secrets.resolve(`file:${folder}/token`, [API])).toBe('first-version');
  write('secrets/api.example/..2/token', 'second-version');
  symlinkSync('..2', join(folder, '..next'));
  renameSync(join(folder, '..next'), join(folder, '..data'));
  expect(await secrets.resolve(`file:${folder}/token`, [API])).toBe('second-version');
});

test('what cannot be used as a credential is refused with its reason: short, empty, missing, no file', async () => {
  const environment = { SHORT: '1234567', PADDED: '      1      ', EMPTY: '' };
  const folder = makeTempDir();
  const references = ['env:SHORT', 'env:PADDED', 'env:EMPTY', 'env:UNSET', 'file:/vault/token', `file:${folder}`];
  const { secrets, known } = openSite({ environment, named: new Map(references.map((reference) => [reference, [API]])) });
  const reasons = [
    /shorter than 8/,
    /shorter than 8/,
    /is empty/,
    /is not set/,
    /does not exist/,
    /no file of a credential's size/,
  ];
  expect(await secrets.refresh()).toEqual(reasons.map((reason) => expect.stringMatching(reason) as string));
  for (const [index, reference] of references.entries())
    await expect(secrets.resolve(reference, [API])).rejects.toThrow(reasons[index]);
  expect(known).toEqual([]);
});
