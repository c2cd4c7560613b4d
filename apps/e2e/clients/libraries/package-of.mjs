import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** What a library that was installed in `folder` exports. */
export async function importFrom(folder, name) {
  const require = createRequire(join(folder, 'node_modules', 'from-here.cjs'));
  let file;
  try {
    file = require.resolve(name);
  } catch {
    // it is for `import` alone
    const { readFileSync } = await import('node:fs');
    const root = join(folder, 'node_modules', name);
    const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    const main = exports['.'];
    file = join(root, main.import?.default ?? main.import ?? main.default);
  }
  return import(pathToFileURL(file).href);
}

/** What every one of them is asked to do: each answer under a name, and in the words of the library what was refused. */
export function createNotes() {
  const seen = {};
  const keep = async (name, work) => {
    seen[name] = await work().catch((error) => `refused: ${String(error)}`);
  };
  const print = () => process.stdout.write(`\n${JSON.stringify(seen)}\n`);
  return { keep, print };
}

export const sortByName = (items) => items.toSorted((one, other) => (one.name < other.name ? -1 : 1));

export const ARGUMENTS = {
  test_simple_text: {},
  test_multiple_content_types: {},
  test_error_handling: {},
  test_custom_headers: { region: 'eu-north-1' },
  json_schema_2020_12_tool: { name: 'Ada', contactMethod: 'email', email: 'a@b.c' },
};
