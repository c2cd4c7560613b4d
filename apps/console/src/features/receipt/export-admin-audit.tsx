'use client';

import { DownloadSimpleIcon } from '@phosphor-icons/react/ssr';

import { useMe } from '../../trpc/use-me.ts';
import { usePath } from '../../trpc/use-path.ts';
import { Button } from '../../ui/button.tsx';

const FORMATS = [
  { format: 'csv', label: 'Export as CSV' },
  { format: 'ndjson', label: 'Export as JSON lines' },
] as const;

/** Takes the entries out that are shown, all of them, as one file; for who may read the log. */
export function ExportAdminAudit({ asked }: { asked: Readonly<Record<string, string | Date | undefined>> }) {
  const path = usePath();
  const { holds } = useMe();
  const fields = Object.entries(asked).flatMap(([name, value]): [string, string][] => {
    if (value === undefined || value === '') return [];
    return [[name, value instanceof Date ? value.toISOString() : value]];
  });
  if (!holds('admin_audit.read')) return null;
  return FORMATS.map(({ format, label }) => (
    <form key={format} method="post" action={path('/audit/admin/export')}>
      <input type="hidden" name="format" value={format} />
      {fields.map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
      <Button type="submit" icon={DownloadSimpleIcon}>
        {label}
      </Button>
    </form>
  ));
}
