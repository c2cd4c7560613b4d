/** Who may import whom (docs/architecture.md draws it). tools/gates/canary holds one planted violation per rule. */
const forbid = (name, from, to, comment) => ({
  name,
  severity: 'error',
  comment,
  from: { path: from },
  to: typeof to === 'string' ? { path: to } : to,
});
const matchPackage = (name) => `(^|/)packages/${name}/`;
/** Every app, and every package but these. */
const matchPackagesBut = (names) => `(^|/)(apps|packages)/(?!(${names})/)`;
const matchApp = (name) => `(^|/)apps/${name}/src/`;
const matchRoom = (names) => `(^|/)apps/agent/src/(${names})/`;
/** Folders side by side that know nothing of each other. */
const keepApart = (name, parent, folders) =>
  forbid(name, `${parent}(${folders})/`, { path: `${parent}(${folders})/`, pathNot: `${parent}$2/` });

/** What a room of the agent may import of the agent besides itself. */
const AGENT_ROOMS = {
  wire: [],
  state: [],
  secrets: ['wire'],
  http: ['wire'],
  audit: ['state', 'wire'],
  config: ['state'],
  outbound: ['config', 'wire'],
  revocations: ['config', 'state'],
  link: ['audit', 'config', 'revocations', 'state'],
  enrolment: ['link', 'state'],
  upstream: ['config', 'outbound', 'secrets', 'wire'],
  discovery: ['outbound', 'secrets', 'upstream', 'wire'],
  call: ['audit', 'config', 'secrets', 'upstream', 'wire'],
  clients: ['call', 'config', 'http', 'secrets', 'upstream', 'wire'],
  ops: ['audit', 'clients', 'config', 'http', 'link', 'state', 'upstream'],
  bridge: ['env.ts', 'upstream', 'wire'],
};
const AGENT_ROOM_RULES = Object.entries(AGENT_ROOMS).map(([name, imports]) =>
  forbid(`agent-room-${name}`, matchRoom(name), {
    path: matchApp('agent'),
    pathNot: matchApp('agent') + `(${[name, ...imports].join('|')})(/|$)`,
  }),
);

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
    forbid('leaves-import-nothing-of-ours', '(^|/)packages/(policy|redaction|network|process|db)/src/(?!testing/)', {
      path: '(^|/)(apps|packages)/',
      pathNot: '(^|/)packages/$2/',
    }),
    forbid('openapi-imports-policy-only', matchPackage('openapi') + 'src/', matchPackagesBut('openapi|policy')),
    forbid(
      'protocol-imports-policy-and-redaction-only',
      matchPackage('protocol') + 'src/',
      matchPackagesBut('protocol|policy|redaction'),
    ),
    forbid(
      'services-know-no-process-or-transport',
      matchPackage('services') + 'src/',
      '(^|/)apps/|(^|/)packages/process/src/(?!backoff|origin|input-problems)|node_modules/(next|@trpc|express|ws)/',
    ),
    // what the lint rule allows of these modules by name, it cannot see in an import() of the whole
    forbid('services-import-no-network-module-late', matchPackage('services') + 'src/', {
      path: '^(node:)?(http|https|net)$',
      dynamic: true,
    }),
    forbid('db-only-behind-services', '(^|/)apps/(?!cli/)[^/]+/src/', matchPackage('db')),
    forbid('cli-knows-verbs-and-environments-only', matchApp('cli'), {
      path: matchPackagesBut('cli|services|process|db|network'),
      pathNot: '(^|/)apps/(console|hub|worker)/src/env\\.ts$',
    }),

    forbid(
      'agent-imports-no-control-plane',
      matchApp('agent'),
      `${matchPackagesBut('agent|policy|redaction|protocol|openapi|network|process')}|(^|/)packages/process/src/secret-command`,
    ),
    forbid('agent-carries-no-server-library', matchApp('agent'), 'node_modules/(next|@prisma|bullmq|ioredis|pg)/'),
    forbid('agent-has-no-unlisted-room', matchApp('agent') + `(?!(${Object.keys(AGENT_ROOMS).join('|')})/)[^/]+/`, {}),
    ...AGENT_ROOM_RULES,
    keepApart('agent-kinds-of-upstream-stay-apart', matchApp('agent') + 'upstream/', 'http|stdio|rest'),
    keepApart('agent-eras-of-clients-stay-apart', matchApp('agent') + 'clients/', 'legacy|modern'),
    forbid('agent-secrets-are-out-of-reach-of-link-and-audit', matchRoom('link|audit'), {
      path: matchRoom('secrets'),
      reachable: true,
    }),
    forbid(
      'agent-starts-processes-in-one-place',
      matchApp('agent') +
        '(?!upstream/stdio/)|(^|/)packages/(policy|redaction|protocol|openapi|network|process)/src/(?!secret-command)',
      '^(node:)?child_process$',
    ),

    forbid('console-services-only-in-its-server', matchApp('console') + '(?!server/)', {
      path: matchPackage('services'),
      dependencyTypesNot: ['type-only'],
    }),
    forbid('console-client-never-imports-server', matchApp('console') + '(features|ui)/', {
      path: matchApp('console') + 'server/',
      dependencyTypesNot: ['type-only'],
    }),
    forbid('console-procedures-declare-no-schema', matchApp('console') + 'server/api/routers/', 'node_modules/zod/'),
    forbid('console-knows-no-wire-or-queue', matchApp('console'), '(^|/)packages/(db|protocol)/|node_modules/(bullmq|ioredis)/'),
    keepApart('console-features-stay-apart', matchApp('console') + 'features/', '[^/]+'),
    forbid(
      'console-component-library-only-in-ui',
      matchApp('console') + '(?!ui/)',
      'node_modules/(@cloudflare/kumo|@base-ui/react)/',
    ),
    keepApart('hub-link-and-push-stay-apart', matchApp('hub'), 'link|push'),
    forbid('hub-knows-no-web-or-database', matchApp('hub'), 'node_modules/(next|@trpc|@prisma)/'),
    forbid('worker-knows-no-web-or-wire', matchApp('worker'), '(^|/)packages/protocol/|node_modules/(next|@trpc|@prisma)/'),
    forbid('pilot-knows-nothing-of-gatehouse', matchApp('pilot'), '(^|/)packages/'),
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
