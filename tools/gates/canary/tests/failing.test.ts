import { expect, test } from 'vitest';

test('a planted failure', () => expect(1).toBe(2));
