import { WarningIcon } from '@phosphor-icons/react/ssr';

import type { JsonObject } from '@gatehouse/policy/documents/json';
import { findRefusedArguments, listClientsRefusingTool } from '@gatehouse/policy/names/client-rules';

import { writeVisible } from '../text/visible-text.ts';

/** Names the AI clients that refuse a tool of this name, and with it every other tool; nothing when all known ones take it. */
export function RefusedName({ name }: { name: string }) {
  const clients = listClientsRefusingTool(name);
  if (clients.length === 0) return null;
  return <Warning>{`${formatNames(clients)} ${clients.length === 1 ? 'refuses' : 'refuse'} a tool with this name.`}</Warning>;
}

/** The same for the names of a tool's arguments. */
export function RefusedArguments({ schema }: { schema: JsonObject }) {
  const refused = findRefusedArguments(schema);
  if (!refused) return null;
  const { names, clients } = refused;
  const shown = names.slice(0, MOST_SHOWN).map(writeVisible);
  const more = names.length > shown.length ? [`${names.length - shown.length} more`] : [];
  const arguments_ = `${names.length === 1 ? 'argument' : 'arguments'} ${formatNames([...shown, ...more])}`;
  return (
    <Warning>
      {`${formatNames(clients)} ${clients.length === 1 ? 'refuses' : 'refuse'} a tool because of its ${arguments_}. Hide what is not needed: a name is the server’s own.`}
    </Warning>
  );
}

const MOST_SHOWN = 6;

function Warning({ children }: { children: string }) {
  return (
    <p className="flex items-start gap-1 text-xs wrap-anywhere text-warn-fg">
      <WarningIcon aria-hidden size={12} className="mt-0.5 shrink-0" /> {children}
    </p>
  );
}

const formatNames = (names: readonly string[]): string => new Intl.ListFormat('en', { type: 'conjunction' }).format(names);
