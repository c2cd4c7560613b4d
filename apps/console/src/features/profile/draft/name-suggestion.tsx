'use client';

import { Button } from '../../../ui/button.tsx';

/** A free name that settles a collision. */
export function NameSuggestion({ name, onUse }: { name: string; onUse: (name: string) => void }) {
  return (
    <Button size="small" className="self-start" onClick={() => onUse(name)}>
      Use <span className="font-mono">{name}</span>
    </Button>
  );
}
