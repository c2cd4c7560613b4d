import { test } from 'vitest';

test('T-01: cited, and not named by its entry', () => {});

test('T-99: an id that nobody entered', () => {});

test('T-7: an id of one digit', () => {});

test('T-100: an id of three digits', () => {});
