import type { NextConfig } from 'next';

/** Headers of every answer. The content security policy carries a nonce per request, so `src/proxy.ts` sets it. */
const SECURITY_HEADERS = [
  { key: 'X-Content-Type-Options', value: 'nosniff' },
  { key: 'X-Frame-Options', value: 'DENY' },
  { key: 'Referrer-Policy', value: 'no-referrer' },
  { key: 'Cross-Origin-Opener-Policy', value: 'same-origin' },
  { key: 'Cross-Origin-Resource-Policy', value: 'same-origin' },
  { key: 'Permissions-Policy', value: 'camera=(), geolocation=(), microphone=(), payment=(), usb=()' },
  { key: 'Strict-Transport-Security', value: 'max-age=63072000' },
];

/** Of a script: one that is a thread of its own loads its parts by this policy and not by that of the page, and nothing else. */
const SCRIPT_POLICY = { key: 'Content-Security-Policy', value: "default-src 'none'; script-src 'self'; frame-ancestors 'none'" };

export default {
  poweredByHeader: false,
  reactStrictMode: true,
  devIndicators: false,
  // A list has hundreds of rows with controls; what of it did not change is not made again.
  reactCompiler: true,
  // `npm test` checks the types of the whole repository; a start need not wait for it again.
  typescript: { ignoreBuildErrors: true },
  transpilePackages: [
    '@gatehouse/db',
    '@gatehouse/network',
    '@gatehouse/openapi',
    '@gatehouse/policy',
    '@gatehouse/process',
    '@gatehouse/protocol',
    '@gatehouse/redaction',
    '@gatehouse/services',
  ],
  experimental: { optimizePackageImports: ['@cloudflare/kumo', '@phosphor-icons/react/ssr'] },
  // The documents of this version, as text on the page that shows them.
  turbopack: { rules: { '*.md': { loaders: ['./markdown-loader.cjs'], as: '*.js' } } },
  headers: () =>
    Promise.resolve([
      { source: '/:path*', headers: SECURITY_HEADERS },
      { source: '/_next/static/chunks/:path*', headers: [SCRIPT_POLICY] },
    ]),
} satisfies NextConfig;
