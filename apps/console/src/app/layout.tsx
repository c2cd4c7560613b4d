import './globals.css';
import { GeistMono } from 'geist/font/mono';
import { GeistSans } from 'geist/font/sans';
import type { Metadata, Viewport } from 'next';
import { headers } from 'next/headers';
import { NuqsAdapter } from 'nuqs/adapters/next/app';
import type { ReactNode } from 'react';

import { ThemeProvider } from '../features/shell/theme-provider.tsx';
import { StyleNonce } from '../ui/layout/style-nonce.tsx';
import { ToastProvider } from '../ui/overlay/toast.tsx';

export const metadata: Metadata = {
  title: { default: 'Gatehouse', template: '%s · Gatehouse' },
  description: 'One governed path between AI clients and the tools of a company.',
  robots: { index: false, follow: false },
};

export const viewport: Viewport = {
  themeColor: [
    { media: '(prefers-color-scheme: light)', color: '#F8F8FA' },
    { media: '(prefers-color-scheme: dark)', color: '#0B0B0E' },
  ],
};

/** Reading the nonce makes every page dynamic, which the content security policy needs. */
export default async function RootLayout({ children }: { children: ReactNode }) {
  const nonce = (await headers()).get('x-nonce') ?? undefined;
  return (
    <html lang="en" className={`${GeistSans.variable} ${GeistMono.variable}`} suppressHydrationWarning>
      <body>
        <StyleNonce nonce={nonce}>
          <ThemeProvider nonce={nonce}>
            <NuqsAdapter>
              <ToastProvider>{children}</ToastProvider>
            </NuqsAdapter>
          </ThemeProvider>
        </StyleNonce>
      </body>
    </html>
  );
}
