/** Who may import whom (docs/architecture.md draws it). tools/gates/canary holds one planted violation per rule. */
const rule = (name, from, to, comment) => ({
  name,
  severity: 'error',
  comment,
  from: { path: from },
  to: typeof to === 'string' ? { path: to } : to,
});
const pkg = (name) => `(^|/)packages/${name}/`;
/** Every app, and every package but these. */
const packagesBut = (names) => `(^|/)(apps|packages)/(?!(${names})/)`;
const app = (name) => `(^|/)apps/${name}/src/`;
const room = (names) => `(^|/)apps/agent/src/(${names})/`;

module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } } },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true, pathNot: '^bun:' } },
    {
      name: 'no-relative-across-packages',
      severity: 'error',
      from: { path: '(^|/)(apps|packages)/([^/]+)/' },
      to: {
        path: '(^|/)(apps|packages)/([^/]+)/',
        pathNot: '(^|/)$1/$2/|(^|/)$2/$3/',
        dependencyTypes: ['local'],
        dependencyTypesNot: ['aliased-workspace'],
      },
    },
    rule('leaves-import-nothing-of-ours', '(^|/)packages/(policy|redaction|network|process|db)/src/', {
      path: '(^|/)(apps|packages)/',
      pathNot: '(^|/)packages/$2/',
    }),
    rule('openapi-imports-policy-only', pkg('openapi') + 'src/', packagesBut('openapi|policy')),
    rule('protocol-imports-policy-and-redaction-only', pkg('protocol') + 'src/', packagesBut('protocol|policy|redaction')),
    rule(
      'services-know-no-process-or-transport',
      pkg('services') + 'src/',
      '(^|/)apps/|(^|/)packages/process/src/(?!backoff)|node_modules/(next|@trpc|express|ws)/',
    ),
    rule('db-only-behind-services', '(^|/)apps/[^/]+/src/', pkg('db')),

    rule('agent-imports-no-control-plane', app('agent'), packagesBut('agent|policy|redaction|protocol|openapi|network|process')),
    rule('agent-carries-no-server-library', app('agent'), 'node_modules/(next|@prisma|bullmq|ioredis|pg)/'),
    rule('agent-wire-imports-no-other-room', room('wire'), app('agent') + '(?!wire/)'),
    rule('agent-state-and-http-are-below-calls', room('state|http'), room('call|clients|upstream')),
    rule('agent-upstream-knows-no-client-or-hub', room('upstream'), room('clients|call|link')),
    rule('agent-kinds-of-upstream-stay-apart', app('agent') + 'upstream/(http|stdio|rest)/', {
      path: app('agent') + 'upstream/(http|stdio|rest)/',
      pathNot: app('agent') + 'upstream/$2/',
    }),
    rule('agent-secrets-are-out-of-reach-of-link-and-audit', room('link|audit'), { path: room('secrets'), reachable: true }),

    rule('console-services-only-in-its-server', app('console') + '(?!server/)', {
      path: pkg('services'),
      dependencyTypesNot: ['type-only'],
    }),
    rule('console-client-never-imports-server', app('console') + '(features|ui)/', {
      path: app('console') + 'server/',
      dependencyTypesNot: ['type-only'],
    }),
    rule('console-procedures-declare-no-schema', app('console') + 'server/api/routers/', 'node_modules/zod/'),
    rule('console-knows-no-wire-or-queue', app('console'), '(^|/)packages/(db|protocol)/|node_modules/(bullmq|ioredis)/'),
    {
      name: 'console-features-stay-apart',
      severity: 'error',
      from: { path: app('console') + 'features/([^/]+)/' },
      to: { path: app('console') + 'features/', pathNot: app('console') + 'features/$2/' },
    },
    rule('console-component-library-only-in-ui', app('console') + '(?!ui/)', 'node_modules/(@cloudflare/kumo|@base-ui/react)/'),
    {
      name: 'hub-link-and-push-stay-apart',
      severity: 'error',
      from: { path: app('hub') + '(link|push)/' },
      to: { path: app('hub') + '(link|push)/', pathNot: app('hub') + '$2/' },
    },
    rule('hub-knows-no-web-or-database', app('hub'), 'node_modules/(next|@trpc|@prisma)/'),
    rule('worker-knows-no-web-or-wire', app('worker'), '(^|/)packages/protocol/|node_modules/(next|@trpc|@prisma)/'),
    rule('pilot-knows-nothing-of-gatehouse', app('pilot'), '(^|/)packages/'),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(apps|packages)/[^/]+/(dist|\\.next|src/generated)/|next-env' },
    tsPreCompilationDeps: true,
    combinedDependencies: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'default'],
      extensions: ['.ts', '.tsx', '.js', '.mjs', '.cjs', '.json'],
    },
  },
};
