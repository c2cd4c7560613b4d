import { Badge } from '../../ui/status/badge.tsx';

export interface ProfileStateProps {
  /** null: never published */
  version: number | null;
  /** the draft is not what is published */
  draftChanged: boolean;
  disabled: boolean;
  archived: boolean;
}

/** What of a profile is served, and whether its draft has moved on. */
export function ProfileState({ version, draftChanged, disabled, archived }: ProfileStateProps) {
  return (
    <span className="inline-flex items-center gap-1.5">
      {archived && <Badge>Archived</Badge>}
      {disabled && !archived && <Badge tone="warn">Disabled</Badge>}
      {version === null ? <Badge>Never published</Badge> : <Badge tone={disabled ? 'neutral' : 'ok'}>Version {version}</Badge>}
      {version !== null && draftChanged && !archived && <Badge tone="info">Draft changed</Badge>}
    </span>
  );
}
