import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { root } from '../src/stack.ts';

/** A fenced block of the guide, in the order in which it stands there. */
export interface Block {
  section: string;
  /** what stands after the fence */
  language: string;
  text: string;
}

/** Every fenced block of docs/operations.md. */
export function readBlocks(): Block[] {
  const blocks: Block[] = [];
  let section = '';
  let open: Block | null = null;
  for (const line of readFileSync(join(root, 'docs/operations.md'), 'utf8').split('\n')) {
    if (line.startsWith('```')) {
      if (open) blocks.push(open);
      open = open ? null : { section, language: line.slice(3), text: '' };
    } else if (open) open.text += `${line}\n`;
    else section = /^#+ (.+)$/.exec(line)?.[1] ?? section;
  }
  return blocks;
}
