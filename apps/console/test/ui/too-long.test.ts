import { expect, test } from 'vitest';

import { addTooLong, describeTooLong } from '../../src/ui/form/too-long.ts';

test('a text that is too long is told how long it may be and is', () => {
  expect(describeTooLong('x'.repeat(300), 80)).toBe('Use at most 80 characters. This has 300.');
  expect(describeTooLong('x'.repeat(80), 80)).toBeUndefined();
  expect(describeTooLong('x'.repeat(300), undefined)).toBeUndefined();
  expect(describeTooLong(undefined, 80)).toBeUndefined();
});

test('a form with such a text is not submitted, unless the field is not shown; what its schema says stays', () => {
  const values = { name: 'abcd', rows: [{ prefix: 'abcd' }], gone: 'abcd', known: 'abcd', free: 'abcd' };
  const names = ['name', 'rows.0.prefix', 'gone', 'known', 'free'] as const;
  const field = { ref: { name: '' }, name: 'name', mount: true, maxLength: 3 } as const;
  const fields = { name: field, rows: [{ prefix: field }], gone: { ...field, mount: false }, known: field };
  const own = { type: 'custom', message: 'Its own.' };
  const message = 'Use at most 3 characters. This has 4.';
  expect(addTooLong({ known: own }, values, { names: [...names], fields: fields as never })).toEqual({
    name: { type: 'maxLength', message },
    rows: [{ prefix: { type: 'maxLength', message } }],
    known: own,
  });
});
