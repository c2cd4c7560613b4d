'use client';

import { type QueryKey, useQuery, type UseQueryOptions } from '@tanstack/react-query';
import Link from 'next/link';
import { Fragment } from 'react';

import { usePath } from '../../trpc/use-path.ts';
import { Loaded } from '../status/loaded.tsx';
import { Bar } from '../status/states.tsx';
import { describeCount } from '../text/count.ts';
import { RelativeTime } from '../text/relative-time.tsx';
import { STOP_WORDS, type Stop, type Stopped } from './stop-words.ts';

export interface WhatStopsProps<Failure, Key extends QueryKey> {
  /** how it is asked for: each time anew, as the answer may have changed since */
  asked: UseQueryOptions<Stop[], Failure, Stop[], Key>;
  /** said when nothing does */
  none?: string;
}

/** What an end would stop: how many of each kind, the first of them by name. The same for one and for several, before any end. */
export function WhatStops<Failure, Key extends QueryKey>({
  asked,
  none = 'Nothing that is in use stops.',
}: WhatStopsProps<Failure, Key>) {
  const query = useQuery({ ...asked, staleTime: 0 });
  return (
    <div className="mt-3 border-t border-line pt-3">
      <Loaded query={query} skeleton={<Bar className="h-16" />} errorTitle="What would stop could not be looked up">
        {(stops) =>
          stops.length === 0 ? (
            <p>{none}</p>
          ) : (
            <ul aria-label="What stops" className="flex flex-col gap-2">
              {stops.map((stop) => (
                <Line key={stop.kind} stop={stop} />
              ))}
            </ul>
          )
        }
      </Loaded>
    </div>
  );
}

function Line({ stop: { kind, total, first } }: { stop: Stop }) {
  const more = total - first.length;
  return (
    <li className="break-words">
      <p className="font-medium text-fg">{STOP_WORDS[kind].describe(total)}</p>
      <p>
        {first.map((stopped, index) => (
          <Fragment key={stopped.id}>
            {index > 0 && (more === 0 && index === first.length - 1 ? ' and ' : ', ')}
            <Name kind={kind} stopped={stopped} />
          </Fragment>
        ))}
        {more > 0 && ` and ${more.toLocaleString('en')} more`}
      </p>
    </li>
  );
}

function Name({ kind, stopped }: { kind: Stop['kind']; stopped: Stopped }) {
  const path = usePath();
  const { buildHref, at, count, several } = STOP_WORDS[kind];
  const notes = [
    stopped.of,
    stopped.whose,
    count && stopped.count !== null && describeCount(stopped.count, ...count),
    several && stopped.count !== null && stopped.count > 1 && describeCount(stopped.count, ...several),
    stopped.url !== null && (
      <span key="url" className="font-mono text-xs break-all">
        {stopped.url}
      </span>
    ),
    at && (stopped.at ? <RelativeNote key="at" word={at.last} at={stopped.at} /> : at.never),
  ].filter((note) => note !== undefined && note !== null && note !== false);
  return (
    <>
      {buildHref ? (
        <Link href={path(buildHref(stopped))} className="text-accent-fg underline">
          {stopped.name}
        </Link>
      ) : (
        stopped.name
      )}
      {notes.length > 0 && (
        <span className="text-subtle">
          {' ('}
          {notes.map((note, index) => (
            // the notes of one name have one place each
            <Fragment key={index}>
              {index > 0 && ', '}
              {note}
            </Fragment>
          ))}
          )
        </span>
      )}
    </>
  );
}

function RelativeNote({ word, at }: { word: string; at: Date }) {
  return (
    <>
      {word} <RelativeTime at={at} />
    </>
  );
}
