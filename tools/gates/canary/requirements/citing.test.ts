import { test } from 'vitest';

test('T-01: cited, and not named by its entry', () => {});

test('T-99: an id that nobody entered', () => {});
