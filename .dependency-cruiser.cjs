/** Who may import whom (docs/architecture.md draws it). tools/gates/canary holds one planted violation per rule. */
const rule = (name, from, to, comment) => ({
  name,
  severity: 'error',
  comment,
  from: { path: from },
  to: typeof to === 'string' ? { path: to } : to,
});
const pkg = (name) => `(^|/)packages/${name}/`;
const app = (name) => `(^|/)apps/${name}/src`;

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
    rule(
      'leaves-import-nothing-of-ours',
      '(^|/)packages/(policy|redaction|network|process)/src',
      '(^|/)(apps|packages/(protocol|db|services|openapi))/',
    ),
    rule('openapi-imports-policy-only', pkg('openapi') + 'src', '(^|/)(apps|packages/(protocol|db|services|redaction|process))/'),
    rule('protocol-is-below-services', pkg('protocol') + 'src', '(^|/)(apps|packages/(db|services))/'),
    rule('db-imports-nothing-of-ours', pkg('db') + 'src', '(^|/)(apps|packages/(policy|redaction|protocol|services))/'),
    rule('services-know-no-transport', pkg('services') + 'src', '(^|/)apps/|node_modules/(next|@trpc|express|ws)/'),
    rule('db-only-behind-services', '(^|/)apps/[^/]+/src', pkg('db')),
    rule(
      'agent-imports-three-leaves',
      app('agent'),
      '(^|/)packages/(db|services)/|node_modules/(next|@prisma|bullmq|ioredis|pg)/',
    ),
    rule('secrets-stay-away-from-link-and-audit', app('agent') + '/(link|audit)/', app('agent') + '/secrets/'),
    rule('console-server-only-imports-services', app('console') + '/(features|ui|app|trpc)/', {
      path: pkg('services'),
      dependencyTypesNot: ['type-only'],
    }),
    rule('console-client-never-imports-server', app('console') + '/(features|ui)/', {
      path: app('console') + '/server/',
      dependencyTypesNot: ['type-only'],
    }),
    rule('console-knows-no-wire-or-queue', app('console'), '(^|/)packages/(db|protocol)/|node_modules/(bullmq|ioredis)/'),
    {
      name: 'console-features-stay-apart',
      severity: 'error',
      from: { path: '(^|/)apps/console/src/features/([^/]+)/' },
      to: { path: '(^|/)apps/console/src/features/([^/]+)/', pathNot: '(^|/)apps/console/src/features/$2/' },
    },
    rule(
      'one-door-to-the-component-library',
      app('console') + '/(features|app|trpc|server)/',
      'node_modules/(@cloudflare/kumo|@base-ui/react)/',
    ),
    {
      name: 'hub-link-and-push-stay-apart',
      severity: 'error',
      from: { path: '(^|/)apps/hub/src/(link|push)/' },
      to: { path: '(^|/)apps/hub/src/(link|push)/', pathNot: '(^|/)apps/hub/src/$2/' },
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
