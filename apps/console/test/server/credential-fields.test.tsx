import { renderToStaticMarkup } from 'react-dom/server';
import { FormProvider, useForm } from 'react-hook-form';
import { expect, test } from 'vitest';

import { CredentialFields } from '../../src/features/server/form/credential-fields.tsx';
import { type CredentialForm, EMPTY_CREDENTIAL, EMPTY_ROW } from '../../src/features/server/form/credential-form.ts';

function Shown({ values }: { values: CredentialForm }) {
  const form = useForm<CredentialForm>({ defaultValues: values });
  return (
    <FormProvider {...form}>
      <CredentialFields url="https://mcp.orders.example/mcp" disabled={false} />
    </FormProvider>
  );
}

const render = (values: Partial<CredentialForm>) => renderToStaticMarkup(<Shown values={{ ...EMPTY_CREDENTIAL, ...values }} />);
const listLabels = (html: string) =>
  [...html.matchAll(/<label[^>]*>(.*?)<\/label>/g)].map(([, label = '']) => label.replaceAll(/<[^>]*>/g, ''));

test('a server without a credential is asked for none, and can have fixed headers', () => {
  const html = render({});
  expect(html).toContain('It needs a credential');
  expect(html).toContain('Add a fixed header');
  expect(html).not.toContain('Reference');
});

test('each credential has its own fields, one place for all of them says what to write, and fixed headers follow', () => {
  const html = render({
    withCredential: true,
    credentials: [
      { ...EMPTY_ROW, credentialKind: 'query', parameter: 'key', reference: 'env:SECRET_A' },
      { ...EMPTY_ROW, credentialKind: 'header', header: 'X-App', prefix: 'App ', reference: 'env:SECRET_B' },
      { ...EMPTY_ROW, credentialKind: 'basic', username: 'gate', reference: 'env:SECRET_C' },
    ],
    headers: [{ name: 'X-Org', value: 'acme' }],
  });
  const labels = listLabels(html).join(' | ');
  for (const label of ['Parameter', 'Before the secret', 'User name', 'Value']) expect(labels).toContain(label);
  expect(labels.match(/Reference/g)).toHaveLength(3);
  for (const name of ['SECRET_A', 'SECRET_B', 'SECRET_C'])
    expect(html.replaceAll('<wbr/>', '')).toContain(`${name}_ORIGIN=https://mcp.orders.example`);
  expect(html.match(/Remove this credential/g)).toHaveLength(3);
  expect(html).toContain('Another credential in the same request');
  expect(html).toContain('Another fixed header');
});

test('one credential cannot be removed, and after eight none is added', () => {
  expect(render({ withCredential: true })).not.toContain('Remove this credential');
  const eight = Array.from({ length: 8 }, (_, index) => ({
    ...EMPTY_ROW,
    credentialKind: 'query' as const,
    parameter: `k${index}`,
  }));
  expect(render({ withCredential: true, credentials: eight })).not.toContain('Another credential');
});
