'use client';

import { createContext, type ReactNode, use, useEffect } from 'react';

import { HeaderActions } from './header-actions.tsx';

type SetTitle = (title: string | null) => void;

/** The shell listens here, so that the breadcrumb can name the object whose id or slug stands in the URL. */
export const PageTitleContext = createContext<SetTitle>(() => undefined);

export interface PageHeaderProps {
  title: string;
  /** the object's name, where the title says more than that */
  object?: string;
  /** status word of the object */
  status?: ReactNode;
  /** one line that answers the page's question */
  sub?: ReactNode;
  /** beside the actions at any width: whether the draft is saved */
  note?: ReactNode;
  /** secondary actions: a fragment of buttons, which stand behind one where there is no room */
  actions?: ReactNode;
  /** the one primary action */
  primary?: ReactNode;
}

/** Title, state and actions of a page. Holds the page's only h1. */
export function PageHeader({ title, object = title, status, sub, note, actions, primary }: PageHeaderProps) {
  const setTitle = use(PageTitleContext);
  useEffect(() => {
    setTitle(object);
    return () => setTitle(null);
  }, [setTitle, object]);
  return (
    <header className="mb-5 flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
      <div className="min-w-0 max-sm:w-full">
        <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <h1 tabIndex={-1} className="min-w-0 text-xl font-semibold break-words outline-none">
            {title}
          </h1>
          {status}
        </div>
        {sub !== undefined && <p className="mt-0.5 max-w-[68ch] text-pretty text-muted">{sub}</p>}
      </div>
      <HeaderActions object={object} note={note} actions={actions} primary={primary} />
    </header>
  );
}
