'use client';

import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useId, useState } from 'react';

import { type ApiInput, useTRPC } from '../../trpc/client.tsx';
import { Button } from '../../ui/button.tsx';
import { Card } from '../../ui/card.tsx';
import { Choice } from '../../ui/choice.tsx';
import { Input, Textarea } from '../../ui/input.tsx';
import { ErrorLine } from '../../ui/states.tsx';
import type { OpenapiPreview } from './openapi-choice.ts';
import { packed } from './openapi-file.ts';

export type DescriptionSource = ApiInput['server']['previewOpenapi']['source'];

/** A description that was read, with what is sent again to import it. */
export interface ReadOpenapi {
  source: DescriptionSource;
  preview: OpenapiPreview;
}

type Kind = 'url' | 'file' | 'text';

export interface OpenapiSourceProps {
  onRead: (read: ReadOpenapi) => void;
  disabled: boolean;
}

/** Where the description comes from. Switching between the three keeps what was entered. */
export function OpenapiSource({ onRead, disabled }: OpenapiSourceProps) {
  const { mutateAsync } = useMutation(useTRPC().server.previewOpenapi.mutationOptions());
  const [kind, setKind] = useState<Kind>('url');
  const [url, setUrl] = useState('');
  const [file, setFile] = useState<File | null>(null);
  const [text, setText] = useState('');
  const read = useMutation({
    mutationFn: async () => {
      const source = await sourceOf(kind, { url, file, text });
      return { source, preview: await mutateAsync({ source }) };
    },
    onSuccess: onRead,
  });
  const missing = { url: url === '', file: file === null, text: text.trim() === '' }[kind];

  function submit(event: FormEvent): void {
    event.preventDefault();
    if (!missing) read.mutate();
  }

  return (
    <Card title="Description">
      <form onSubmit={submit} noValidate className="flex flex-col gap-4">
        <Choice
          label="Where the description comes from"
          className="self-start"
          value={kind}
          disabled={disabled}
          onValueChange={setKind}
          options={[
            { value: 'url', label: 'URL' },
            { value: 'file', label: 'File' },
            { value: 'text', label: 'Pasted text' },
          ]}
        />
        {kind === 'url' && (
          <Input
            label="URL of the description"
            hint="OpenAPI 3.0 or 3.1, on the public internet. For an API inside your network give the file: this console reads nothing there."
            mono
            disabled={disabled}
            spellCheck={false}
            autoComplete="off"
            placeholder="https://api.example.com/openapi.json"
            value={url}
            onChange={(event) => setUrl(event.target.value.trim())}
          />
        )}
        {kind === 'file' && <FileField file={file} disabled={disabled} onChange={setFile} />}
        {kind === 'text' && (
          <Textarea
            label="Text of the description"
            hint="OpenAPI 3.0 or 3.1, as JSON or YAML"
            mono
            rows={8}
            disabled={disabled}
            spellCheck={false}
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        )}
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
      </form>
    </Card>
  );
}

function FileField({
  file,
  disabled,
  onChange,
}: {
  file: File | null;
  disabled: boolean;
  onChange: (file: File | null) => void;
}) {
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
        onChange={(event) => onChange(event.target.files?.[0] ?? null)}
        className="text-sm text-muted file:mr-3 file:h-8 file:rounded-control file:border file:border-solid file:border-kumo-line file:bg-surface file:px-3 file:text-sm file:font-medium file:text-fg hover:file:bg-sunken"
      />
      <p className="text-xs text-subtle">
        {file
          ? `${file.name}, ${Math.ceil(file.size / 1024).toLocaleString('en')} kB`
          : 'OpenAPI 3.0 or 3.1, as JSON (up to 20 MB) or YAML (up to 4 MB)'}
      </p>
    </div>
  );
}

async function sourceOf(kind: Kind, given: { url: string; file: File | null; text: string }): Promise<DescriptionSource> {
  if (kind === 'url') return { kind: 'url', url: given.url };
  return { kind: 'file', gzip: await packed(kind === 'file' && given.file ? given.file : new Blob([given.text])) };
}
