'use client';

import { Choice } from '../form/choice.tsx';

export interface UsedOrArchivedProps {
  /** accessible name: "Which servers" */
  label: string;
  archived: boolean;
  onChange: (archived: boolean) => void;
}

/** Above a list: what is in use, or what was archived. */
export function UsedOrArchived({ label, archived, onChange }: UsedOrArchivedProps) {
  return (
    <Choice
      label={label}
      className="mb-3"
      options={[
        { value: 'used', label: 'In use' },
        { value: 'archived', label: 'Archived' },
      ]}
      value={archived ? 'archived' : 'used'}
      onValueChange={(which) => onChange(which === 'archived')}
    />
  );
}
