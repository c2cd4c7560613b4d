import { renderToStaticMarkup } from 'react-dom/server';
import { FormProvider, useForm } from 'react-hook-form';
import { expect, test } from 'vitest';

import { LimitsSection } from '../../src/features/server/add/limits-section.tsx';
import { EMPTY_FORM, NewServerForm, toNewLimits } from '../../src/features/server/add/new-server-form.ts';

const FILLED = { ...EMPTY_FORM, name: 'Orders', purpose: 'Orders', agentId: 'a', source: 'https://mcp.orders.example/mcp' };

function Shown({ errors }: { errors?: Record<string, { type: string; message: string }> }) {
  const form = useForm<NewServerForm>({ defaultValues: EMPTY_FORM, errors });
  return (
    <FormProvider {...form}>
      <LimitsSection />
    </FormProvider>
  );
}

test('a new server takes limits in seconds, and none where every field is empty', () => {
  const read = (given: Partial<NewServerForm>) => toNewLimits(NewServerForm.parse({ ...FILLED, ...given }));
  expect(read({})).toBeUndefined();
  expect(read({ start: '300', answer: ' 1,5 ' })).toEqual({ startMs: 300_000, answerMs: 1_500 });
});

test('a limit that no server may have is refused at its field', () => {
  const { error } = NewServerForm.safeParse({ ...FILLED, start: '0' });
  expect(error?.issues).toMatchObject([{ path: ['start'], message: expect.stringContaining('Seconds, from 100 ms') }]);
});

test('the section is closed, has the four limits with their defaults, and is open where one of them is wrong', () => {
  const closed = renderToStaticMarkup(<Shown />);
  expect(closed).toContain('aria-expanded="false"');
  expect(closed).toContain('<div hidden="">');
  for (const label of ['To start', 'To the first answer', 'To the next sign of life', 'In all']) expect(closed).toContain(label);
  expect(closed).toContain('placeholder="120"');
  expect(renderToStaticMarkup(<Shown errors={{ total: { type: 'custom', message: 'Seconds' } }} />)).toContain(
    'aria-expanded="true"',
  );
});
