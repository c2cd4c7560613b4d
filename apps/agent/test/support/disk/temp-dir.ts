import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { onTestFinished } from 'vitest';

/** A directory of this test's own, gone when the test is over. */
export function makeTempDir(): string {
  const path = mkdtempSync(join(tmpdir(), 'gatehouse-agent-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}
