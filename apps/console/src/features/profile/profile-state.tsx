import { Badge } from '../../ui/status/badge.tsx';

export interface ProfileStateProps {
  /** null: never published */
  version: number | null;
  /** the draft is not what is published */
  draftChanged: boolean;
  disabled: boolean;
}

/** What of a profile is served, and whether its draft has moved on. */
export function ProfileState({ version, draftChanged, disabled }: ProfileStateProps) {
  return (
    <span className="inline-flex items-center gap-1.5">
      {disabled && <Badge tone="warn">Disabled</Badge>}
      {version === null ? <Badge>Never published</Badge> : <Badge tone={disabled ? 'neutral' : 'ok'}>Version {version}</Badge>}
      {version !== null && draftChanged && <Badge tone="info">Draft changed</Badge>}
    </span>
  );
}
