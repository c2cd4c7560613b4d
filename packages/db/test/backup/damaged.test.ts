import { randomBytes } from 'node:crypto';

import { beforeAll, expect, test } from 'vitest';

import { DamagedBackup } from '../../src/backup/damaged-backup.ts';
import { readBackup, verifyBackup } from '../../src/backup/read-backup.ts';
import { buildBackup, collect, editManifest, makeFolder, writeInto } from './backup-file.ts';

const key = randomBytes(32);
const TABLES = [
  { table: 'public.tenant', columns: ['id', 'name'], lines: ['1\tAcme', '2\tGlobex\\nInc', '3\t\\N'] },
  {
    table: 'public.site',
    columns: ['id'],
    lines: Array.from({ length: 500 }, (_, index) => `${index}-${randomBytes(9).toString('hex')}`),
  },
];
const FORMS = { plain: null, sealed: key };
let files: Record<keyof typeof FORMS, Buffer>;
beforeAll(async () => {
  files = { plain: await buildBackup(TABLES), sealed: await buildBackup(TABLES, { key }) };
});
const NAMES = ['plain', 'sealed'] as const;

test.each(NAMES)('a %s file that is whole is read as it was written', async (form) => {
  const file = await writeInto(await makeFolder(), files[form]);
  const found: string[] = [];
  const facts = await readBackup(file, FORMS[form], async ({ table }, rows) => {
    found.push(`${table} ${(await collect(rows)).join('')}`);
  });
  expect(facts).toMatchObject({ tables: 2, rows: 503, manifest: { madeAt: '2026-11-29T12:00:00.000Z' } });
  expect(found).toEqual(TABLES.map(({ table, lines }) => `${table} ${lines.join('\n')}\n`));
});

test.each(NAMES)('a %s file that was cut off anywhere is refused', async (form) => {
  const [folder, bytes] = [await makeFolder(), files[form]];
  for (const part of [
    0,
    1,
    40,
    bytes.indexOf(0x0a),
    bytes.indexOf(0x0a) + 1,
    ...pickPlaces(bytes.length, 60),
    bytes.length - 1,
  ]) {
    const file = await writeInto(folder, bytes.subarray(0, part));
    await expect(verifyBackup(file, FORMS[form]), `${part} bytes`).rejects.toThrow(DamagedBackup);
  }
});

test.each(NAMES)('a %s file of which one byte is another is refused, also in its first line', async (form) => {
  const [folder, bytes] = [await makeFolder(), files[form]];
  for (const at of [...pickPlaces(bytes.indexOf(0x0a), 20), ...pickPlaces(bytes.length, 120), bytes.length - 1]) {
    const changed = Buffer.from(bytes);
    changed[at] = (changed[at] ?? 0) ^ 0x01;
    await expect(verifyBackup(await writeInto(folder, changed), FORMS[form]), `byte ${at}`).rejects.toThrow(DamagedBackup);
  }
});

const pickPlaces = (length: number, count: number): number[] =>
  Array.from({ length: count }, (_, index) => Math.floor((index * (length - 1)) / count));

test('what is no backup, or is one of something else, is told from one', async () => {
  const folder = await makeFolder();
  for (const bytes of ['', '\n', '{}\n', 'PGDMP\u0001\u000e\n', randomBytes(2_000_000), `${'a'.repeat(2_000_000)}\n`]) {
    await expect(verifyBackup(await writeInto(folder, bytes), null)).rejects.toThrow(DamagedBackup);
  }
  const later = await editManifest(await writeInto(folder, files.plain), () => ({ format: 2 as 1 }));
  await expect(verifyBackup(await writeInto(folder, later), null)).rejects.toThrow('in a later form');
  await expect(verifyBackup(`${folder}/none`, null)).rejects.toThrow('/none cannot be read (ENOENT)');
});

test('a file that is longer than it was written is refused', async () => {
  const folder = await makeFolder();
  for (const more of [Buffer.of(0), files.plain]) {
    const file = await writeInto(folder, Buffer.concat([files.plain, more]));
    await expect(verifyBackup(file, null)).rejects.toThrow('Something follows the end');
  }
});

test('a sealed file opens with its own key alone, and where there is a key no other file passes for one', async () => {
  const folder = await makeFolder();
  const sealed = await writeInto(folder, files.sealed);
  await expect(verifyBackup(sealed, null)).rejects.toThrow('set GATEHOUSE_BACKUP_KEY_FILE');
  await expect(verifyBackup(sealed, randomBytes(32))).rejects.toThrow('another key');
  await expect(verifyBackup(await writeInto(folder, files.plain), key)).rejects.toThrow('anybody who had it may have changed it');
  const opened = await editManifest(sealed, () => ({ sealed: false }));
  await expect(verifyBackup(await writeInto(folder, opened), null)).rejects.toThrow(DamagedBackup);
  const closed = await editManifest(await writeInto(folder, files.plain), () => ({ sealed: true }));
  await expect(verifyBackup(await writeInto(folder, closed), key)).rejects.toThrow(DamagedBackup);
  // nothing of what it holds can be read in it
  expect(files.sealed.includes('Acme')).toBe(false);
});

test('a table that says another number of rows than it has is refused', async () => {
  const folder = await makeFolder();
  const tables = [{ table: 'public.tenant', columns: ['id'], lines: ['1', '2'], rows: 3 }];
  const file = await writeInto(folder, await buildBackup(tables));
  await expect(verifyBackup(file, null)).rejects.toThrow('has 2 rows of public.tenant and says that it has 3');
});
