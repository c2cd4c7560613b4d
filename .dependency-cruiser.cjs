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
/** Folders side by side that know nothing of each other. */
const apart = (name, parent, folders) =>
  rule(name, `${parent}(${folders})/`, { path: `${parent}(${folders})/`, pathNot: `${parent}$2/` });

/** What a room of the agent may import of the agent besides itself. */
const AGENT_ROOMS = {
  wire: [],
  state: [],
  secrets: [],
  http: ['wire'],
  audit: ['state'],
  config: ['state'],
  outbound: ['config'],
  link: ['audit', 'config', 'state'],
  enrolment: ['link', 'state'],
  upstream: ['config', 'outbound', 'secrets', 'wire'],
  discovery: ['secrets', 'upstream', 'wire'],
  call: ['audit', 'config', 'secrets', 'upstream', 'wire'],
  clients: ['call', 'config', 'http', 'secrets', 'upstream', 'wire'],
  ops: ['audit', 'clients', 'config', 'http', 'link', 'state', 'upstream'],
  bridge: ['env.ts', 'upstream', 'wire'],
};
const agentRoomRules = Object.entries(AGENT_ROOMS).map(([name, imports]) =>
  rule(`agent-room-${name}`, room(name), {
    path: app('agent'),
    pathNot: app('agent') + `(${[name, ...imports].join('|')})(/|$)`,
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
    rule('leaves-import-nothing-of-ours', '(^|/)packages/(policy|redaction|network|process|db)/src/(?!testing/)', {
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
    rule('agent-has-no-unlisted-room', app('agent') + `(?!(${Object.keys(AGENT_ROOMS).join('|')})/)[^/]+/`, {}),
    ...agentRoomRules,
    apart('agent-kinds-of-upstream-stay-apart', app('agent') + 'upstream/', 'http|stdio|rest'),
    apart('agent-eras-of-clients-stay-apart', app('agent') + 'clients/', 'legacy|modern'),
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
    apart('console-features-stay-apart', app('console') + 'features/', '[^/]+'),
    rule('console-component-library-only-in-ui', app('console') + '(?!ui/)', 'node_modules/(@cloudflare/kumo|@base-ui/react)/'),
    apart('hub-link-and-push-stay-apart', app('hub'), 'link|push'),
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
