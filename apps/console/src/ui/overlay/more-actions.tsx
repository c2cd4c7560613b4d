'use client';

import type { Icon } from '@phosphor-icons/react';
import { DotsThreeIcon } from '@phosphor-icons/react/ssr';

import { Button } from '../button.tsx';
import { Menu, MenuItem, MenuSeparator } from './menu.tsx';

export interface MoreAction<T extends string> {
  value: T;
  label: string;
  icon: Icon;
  /** `danger` ones stand last, behind a line */
  tone?: 'danger';
}

export interface MoreActionsProps<T extends string> {
  /** accessible name: "More for Support" */
  label: string;
  actions: readonly MoreAction<T>[];
  onChoose: (value: T) => void;
}

/** The rarer actions of a page: a menu beside the others. On a phone, where all of them stand in a list that opens, they are lines of it like the others. */
export function MoreActions<T extends string>({ label, actions, onChoose }: MoreActionsProps<T>) {
  const [usual, dangerous] = [actions.filter(({ tone }) => !tone), actions.filter(({ tone }) => tone)];
  const list = (items: readonly MoreAction<T>[]) =>
    items.map(({ value, label: words, ...look }) => (
      <MenuItem key={value} {...look} onClick={() => onChoose(value)}>
        {words}
      </MenuItem>
    ));
  return (
    <>
      <Menu
        trigger={
          <Button icon={DotsThreeIcon} aria-label={label} className="max-sm:hidden">
            More
          </Button>
        }
      >
        {list(usual)}
        {usual.length > 0 && dangerous.length > 0 && <MenuSeparator />}
        {list(dangerous)}
      </Menu>
      {actions.map(({ value, label: words, icon, tone }) => (
        <Button
          key={value}
          icon={icon}
          variant={tone ? 'danger-quiet' : 'secondary'}
          onClick={() => onChoose(value)}
          className="sm:hidden"
        >
          {words}
        </Button>
      ))}
    </>
  );
}
