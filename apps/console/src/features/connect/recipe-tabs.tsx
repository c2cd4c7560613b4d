'use client';

import { parseAsStringLiteral, useQueryState } from 'nuqs';

import { LinkButton } from '../../ui/button.tsx';
import { CodeBox } from '../../ui/copy.tsx';
import { Tabs } from '../../ui/tabs.tsx';
import { type ConnectTarget, type Recipe, RECIPES } from './recipes.ts';

const IDS = RECIPES.map(({ id }) => id);

function RecipePanel({ recipe, target }: { recipe: Recipe; target: ConnectTarget }) {
  const install = recipe.install?.(target);
  return (
    <div className="space-y-4">
      {install && (
        <LinkButton href={install.href} variant="primary">
          {install.label}
        </LinkButton>
      )}
      {recipe.blocks(target).map(({ title, place, text }) => (
        <div key={title}>
          <p className="mb-1.5 flex flex-wrap items-baseline justify-between gap-x-4">
            <span className="font-medium">{title}</span>
            <span className="font-mono text-xs text-subtle">{place}</span>
          </p>
          <CodeBox label={title} code={text} mask={target.key === null ? [] : [target.key]} />
        </div>
      ))}
      <p>
        <span className="font-medium">To check: </span>
        <span className="text-muted">{recipe.check}</span>
      </p>
      {recipe.limits.length > 0 && (
        <ul className="list-disc space-y-1 pl-4 text-muted">
          {recipe.limits.map((limit) => (
            <li key={limit}>{limit}</li>
          ))}
        </ul>
      )}
      <p className="text-xs text-subtle">Checked on {recipe.checkedOn}.</p>
    </div>
  );
}

/** Instructions per AI client; the chosen one stands in the URL. */
export function RecipeTabs({ target }: { target: ConnectTarget }) {
  const [client, setClient] = useQueryState('client', parseAsStringLiteral(IDS).withDefault('claude-code'));
  return (
    <Tabs
      label="AI client"
      value={client}
      onValueChange={(value) => void setClient(value)}
      tabs={RECIPES.map((recipe) => ({
        value: recipe.id,
        label: recipe.label,
        content: <RecipePanel recipe={recipe} target={target} />,
      }))}
    />
  );
}
