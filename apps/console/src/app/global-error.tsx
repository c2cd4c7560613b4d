'use client';

import './globals.css';
import ErrorPage, { type ErrorPageProps } from './error.tsx';

/** Stands in for the whole document when the root layout itself fails. */
export default function GlobalError(props: ErrorPageProps) {
  return (
    <html lang="en">
      <body>
        <ErrorPage {...props} />
      </body>
    </html>
  );
}
