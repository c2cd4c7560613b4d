'use client';

import { useDeferredValue, useMemo, useRef, useState } from 'react';

import { Button } from '../../../ui/button.tsx';
import { Checkbox } from '../../../ui/form/checkbox.tsx';
import { ChoiceGroup } from '../../../ui/form/choice-group.tsx';
import { SearchField } from '../../../ui/form/search-field.tsx';
import { Card } from '../../../ui/layout/card.tsx';
import { EmptyState } from '../../../ui/status/states.tsx';
import { groupByTag, matchesFilter, type Operation, type OperationGroup, describeSelection, withKeys } from './openapi-choice.ts';
import { OpenapiOperationRow } from './openapi-operation-row.tsx';
import { OpenapiUnmapped } from './openapi-unmapped.tsx';

/** With more operations than this, tags start closed. */
const OPEN_UP_TO = 40;
/** rows of one tag that are drawn before somebody asks for all */
const AT_ONCE = 100;

export interface OpenapiOperationsProps {
  operations: readonly Operation[];
  selected: ReadonlySet<string>;
  /** keys of operations that are tools of the server already */
  known: ReadonlySet<string>;
  onSelect: (selected: ReadonlySet<string>) => void;
  disabled: boolean;
}

/** Every operation of a description, to choose from. Filtering hides rows and never touches the selection. */
export function OpenapiOperations(props: OpenapiOperationsProps) {
  const { operations, selected, onSelect, disabled } = props;
  const [text, setText] = useState('');
  const search = useRef<HTMLInputElement>(null);
  const filter = useDeferredValue(text.trim());
  const mapped = useMemo(() => operations.filter(({ problem }) => problem === null), [operations]);
  const shown = useMemo(() => (filter === '' ? mapped : mapped.filter((each) => matchesFilter(each, filter))), [mapped, filter]);
  const groups = useMemo(() => groupByTag(shown), [shown]);

  function clear(): void {
    setText('');
    search.current?.focus();
  }

  return (
    <Card
      title="Operations"
      padded={false}
      actions={
        <p
          aria-live="polite"
          className="text-xs text-subtle tabular-nums"
          title="Counted with o200k. Another model may differ by 10 to 20 %."
        >
          {describeSelection(operations, selected)}
        </p>
      }
    >
      <div className="flex flex-wrap items-center gap-2 border-b border-line p-2">
        <SearchField
          ref={search}
          label="Filter operations"
          placeholder="Filter by name, path, method or tag"
          value={text}
          onValueChange={setText}
          className="max-sm:basis-full"
        />
        {!disabled && <BulkChoice shown={shown} selected={selected} onSelect={onSelect} />}
      </div>
      {groups.length === 0 && filter !== '' && (
        <EmptyState title="No operation matches" action={<Button onClick={clear}>Clear the filter</Button>} />
      )}
      <div className="divide-y divide-line">
        {groups.map((group) => (
          <TagGroup
            key={group.tag}
            {...props}
            group={group}
            forceOpen={filter !== '' && (shown.length <= AT_ONCE || groups.length === 1)}
            startOpen={mapped.length <= OPEN_UP_TO}
          />
        ))}
      </div>
      <OpenapiUnmapped operations={operations} />
    </Card>
  );
}

type BulkChoiceProps = Pick<OpenapiOperationsProps, 'selected' | 'onSelect'> & { shown: readonly Operation[] };

/** Selects every shown operation that reads, or nothing at all. */
function BulkChoice({ shown, selected, onSelect }: BulkChoiceProps) {
  const readers = shown.filter(({ key, risk }) => !selected.has(key) && risk === 'read');
  return (
    <>
      {readers.length > 0 && (
        <Button size="small" variant="ghost" onClick={() => onSelect(withKeys(selected, listKeys(readers), true))}>
          Add {readers.length.toLocaleString('en')} that read
        </Button>
      )}
      {selected.size > 0 && (
        <Button size="small" variant="ghost" onClick={() => onSelect(new Set())}>
          None
        </Button>
      )}
    </>
  );
}

function listKeys(operations: readonly Operation[]): string[] {
  return operations.map(({ key }) => key);
}

interface TagGroupProps extends OpenapiOperationsProps {
  group: OperationGroup;
  forceOpen: boolean;
  startOpen: boolean;
}

function TagGroup(props: TagGroupProps) {
  const { group, selected, onSelect, disabled, forceOpen, startOpen } = props;
  const { tag, operations } = group;
  const chosen = operations.filter(({ key }) => selected.has(key)).length;
  return (
    <ChoiceGroup
      name={tag}
      chosen={chosen}
      total={operations.length}
      startOpen={startOpen}
      forceOpen={forceOpen}
      box={
        <Checkbox
          aria-label={`All of ${tag}`}
          checked={chosen === operations.length}
          indeterminate={chosen > 0 && chosen < operations.length}
          disabled={disabled}
          onCheckedChange={(on) => onSelect(withKeys(selected, listKeys(operations), on))}
        />
      }
    >
      <TagRows {...props} />
    </ChoiceGroup>
  );
}

function TagRows({ group: { operations }, selected, known, onSelect, disabled }: TagGroupProps) {
  const [all, setAll] = useState(false);
  const drawn = all ? operations : operations.slice(0, AT_ONCE);
  return (
    <ul className="pb-1.5">
      {drawn.map((operation) => (
        <OpenapiOperationRow
          key={operation.key}
          operation={operation}
          checked={selected.has(operation.key)}
          isKnown={known.has(operation.key)}
          disabled={disabled}
          onChange={(on) => onSelect(withKeys(selected, [operation.key], on))}
        />
      ))}
      {drawn.length < operations.length && (
        <li className="py-1 pl-9">
          <Button size="small" variant="ghost" onClick={() => setAll(true)}>
            Show {operations.length - drawn.length} more
          </Button>
        </li>
      )}
    </ul>
  );
}
