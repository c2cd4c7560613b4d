'use client';

import { useMutation } from '@tanstack/react-query';
import { useId } from 'react';
import { useController, useFormContext, useWatch } from 'react-hook-form';
import { z } from 'zod';

import { type ApiInput, useTRPC } from '../../../trpc/client.tsx';
import { Button } from '../../../ui/button.tsx';
import { ChoiceField, Form, TextareaField, TextField, useSchemaForm } from '../../../ui/form/form.tsx';
import { Card } from '../../../ui/layout/card.tsx';
import { ErrorLine } from '../../../ui/status/states.tsx';
import type { OpenapiPreview } from './openapi-choice.ts';

export type DescriptionSource = ApiInput['server']['previewOpenapi']['source'];

/** A description that was read, with what is sent again to import it. */
export interface ReadOpenapi {
  source: DescriptionSource;
  preview: OpenapiPreview;
}

const Description = z.object({
  kind: z.enum(['url', 'file', 'text']),
  url: z.string().trim(),
  file: z.instanceof(File).nullable(),
  text: z.string(),
});
type Description = z.infer<typeof Description>;

export interface OpenapiSourceProps {
  onRead: (read: ReadOpenapi) => void;
  disabled: boolean;
}

/** Where the description comes from. Switching between the three keeps what was entered. */
export function OpenapiSource({ onRead, disabled }: OpenapiSourceProps) {
  const form = useSchemaForm(Description, { kind: 'url', url: '', file: null, text: '' });
  const { control } = form;
  const read = useReadDescription(onRead);
  const given = useWatch({ control });
  const missing = isMissing(given);
  return (
    <Card title="Description">
      <Form form={form} onSubmit={(values) => !missing && read.mutate(values)} className="flex flex-col gap-4">
        <ChoiceField
          control={control}
          name="kind"
          label="Where the description comes from"
          className="self-start"
          disabled={disabled}
          options={[
            { value: 'url', label: 'URL' },
            { value: 'file', label: 'File' },
            { value: 'text', label: 'Pasted text' },
          ]}
        />
        <SourceOf kind={given.kind ?? 'url'} disabled={disabled} />
        {read.error && <ErrorLine error={read.error} />}
        <div className="flex flex-wrap items-center justify-end gap-3">
          {read.isPending && (
            <p role="status" className="text-xs text-subtle">
              A large description takes some seconds.
            </p>
          )}
          <Button
            type="submit"
            variant={read.data ? 'secondary' : 'primary'}
            loading={read.isPending}
            disabled={disabled || missing}
          >
            {read.data ? 'Read it again' : 'Read the description'}
          </Button>
        </div>
      </Form>
    </Card>
  );
}

function useReadDescription(onSuccess: OpenapiSourceProps['onRead']) {
  const { mutateAsync } = useMutation(useTRPC().server.previewOpenapi.mutationOptions());
  return useMutation({
    mutationFn: async (given: Description) => {
      const source = await toSource(given);
      return { source, preview: await mutateAsync({ source }) };
    },
    onSuccess,
  });
}

/** The field of one kind. */
function SourceOf({ kind, disabled }: { kind: Description['kind']; disabled: boolean }) {
  const { control } = useFormContext<Description>();
  switch (kind) {
    case 'url':
      return (
        <TextField
          control={control}
          name="url"
          label="URL of the description"
          hint="OpenAPI 3.0 to 3.2 or Swagger 2.0, on the public internet. For an API inside your network give the file: this console reads nothing there."
          mono
          disabled={disabled}
          spellCheck={false}
          autoComplete="off"
          placeholder="https://api.example.com/openapi.json"
        />
      );
    case 'file':
      return <FileField disabled={disabled} />;
    case 'text':
      return (
        <TextareaField
          control={control}
          name="text"
          label="Text of the description"
          hint="OpenAPI 3.0 to 3.2 or Swagger 2.0, as JSON or YAML"
          mono
          rows={8}
          disabled={disabled}
          spellCheck={false}
        />
      );
  }
}

function FileField({ disabled }: { disabled: boolean }) {
  const { control } = useFormContext<Description>();
  const { field } = useController({ control, name: 'file' });
  const id = useId();
  return (
    <div className="flex flex-col gap-1.5">
      <label htmlFor={id} className="text-sm font-medium">
        File
      </label>
      <input
        id={id}
        type="file"
        accept=".json,.yaml,.yml,application/json,application/yaml,text/yaml"
        disabled={disabled}
        onChange={(event) => field.onChange(event.target.files?.[0] ?? null)}
        className="text-sm text-muted file:mr-3 file:h-8 file:rounded-control file:border file:border-solid file:border-kumo-line file:bg-surface file:px-3 file:text-sm file:font-medium file:text-fg hover:file:bg-sunken"
      />
      <p className="text-xs text-subtle">
        {field.value
          ? `${field.value.name}, ${Math.ceil(field.value.size / 1024).toLocaleString('en')} kB`
          : 'OpenAPI 3.0 to 3.2 or Swagger 2.0, as JSON (up to 20 MB) or YAML (up to 4 MB)'}
      </p>
    </div>
  );
}

function isMissing({ kind, url, file, text }: Partial<Description>): boolean {
  switch (kind) {
    case 'file':
      return !file;
    case 'text':
      return !text?.trim();
    default:
      return !url?.trim();
  }
}

async function toSource({ kind, url, file, text }: Description): Promise<DescriptionSource> {
  if (kind === 'url') return { kind: 'url', url };
  return { kind: 'file', gzip: await packFile(kind === 'file' && file ? file : new Blob([text])) };
}

/** Gzip of a file, in base64: a description is mostly repetition, and shrinks to a tenth. */
async function packFile(file: Blob): Promise<string> {
  const stream = file.stream().pipeThrough(new CompressionStream('gzip'));
  const bytes = await new Response(stream).blob();
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.addEventListener('load', () =>
      resolve(typeof reader.result === 'string' ? reader.result.replace(/^data:[^,]*,/, '') : ''),
    );
    reader.addEventListener('error', () => reject(reader.error ?? new Error('The file cannot be read.')));
    reader.readAsDataURL(bytes);
  });
}
