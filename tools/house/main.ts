import { parseArgs } from 'node:util';

import { root } from '../local/settings.ts';
import { measureHouse } from './measure.ts';
import { readRef, readWorkingTree } from './read-tree.ts';
import { formatHouse } from './report.ts';

// `npm run house`: how the code is cut, per workspace. `-- --against REF` puts the figures of another commit beside them.
const { values } = parseArgs({ options: { against: { type: 'string' } } });
const before = values.against === undefined ? null : measureHouse(readRef(root, values.against));
process.stdout.write(`${formatHouse(measureHouse(readWorkingTree(root)), before)}\n`);
