import type { Subject, SubjectCall } from './subject.ts';

interface Service {
  package: string;
  version: string;
  bin: string;
  args?: string[];
  env?: Record<string, string>;
  /** what it answers without its service */
  calls?: SubjectCall[];
}

/** Nobody listens there. */
const NOWHERE = 'http://127.0.0.1:9';
const TOKEN = 'not-a-token';

const SERVICES: Service[] = [
  { package: '@upstash/context7-mcp', version: '4.1.1', bin: 'context7-mcp' },
  { package: '@antv/mcp-server-chart', version: '0.9.10', bin: 'mcp-server-chart' },
  { package: 'mcp-server-kubernetes', version: '4.1.7', bin: 'mcp-server-kubernetes', calls: [{ tool: 'ping' }] },
  { package: 'tavily-mcp', version: '0.2.22', bin: 'tavily-mcp', env: { TAVILY_API_KEY: TOKEN } },
  { package: 'exa-mcp-server', version: '3.4.1', bin: 'exa-mcp-server', env: { EXA_API_KEY: TOKEN } },
  { package: 'firecrawl-mcp', version: '3.26.0', bin: 'firecrawl-mcp', env: { FIRECRAWL_API_KEY: TOKEN } },
  { package: '@brave/brave-search-mcp-server', version: '2.1.4', bin: 'brave-search-mcp-server', env: { BRAVE_API_KEY: TOKEN } },
  {
    package: 'figma-developer-mcp',
    version: '0.13.2',
    bin: 'figma-developer-mcp',
    args: ['--stdio'],
    env: { FIGMA_API_KEY: TOKEN },
  },
  {
    package: '@modelcontextprotocol/server-github',
    version: '2025.4.8',
    bin: 'mcp-server-github',
    env: { GITHUB_PERSONAL_ACCESS_TOKEN: TOKEN },
  },
  {
    package: '@modelcontextprotocol/server-slack',
    version: '2025.4.25',
    bin: 'mcp-server-slack',
    env: { SLACK_BOT_TOKEN: TOKEN, SLACK_TEAM_ID: 'T1' },
  },
  {
    package: '@modelcontextprotocol/server-google-maps',
    version: '0.6.2',
    bin: 'mcp-server-google-maps',
    env: { GOOGLE_MAPS_API_KEY: TOKEN },
  },
  {
    package: 'mcp-fetch-server',
    version: '1.1.2',
    bin: 'mcp-fetch-server',
    calls: [{ tool: 'fetch_txt', arguments: { url: NOWHERE } }],
  },
  {
    package: '@eslint/mcp',
    version: '0.3.13',
    bin: 'mcp',
    calls: [{ tool: 'lint-files', arguments: { filePaths: ['/nowhere.js'] } }],
  },
  { package: '@mastra/mcp-docs-server', version: '1.2.27', bin: 'mcp-docs-server' },
  {
    package: '@mobilenext/mobile-mcp',
    version: '1.0.4',
    bin: 'mcp-server-mobile',
    calls: [{ tool: 'mobile_list_available_devices', arguments: {} }],
  },
  {
    package: '@elastic/mcp-server-elasticsearch',
    version: '0.3.1',
    bin: 'mcp-server-elasticsearch',
    env: { ES_URL: NOWHERE, ES_API_KEY: TOKEN },
    calls: [{ tool: 'list_indices', arguments: { indexPattern: '*' } }],
  },
  { package: 'chrome-devtools-mcp', version: '1.11.0', bin: 'chrome-devtools-mcp' },
  { package: '@sentry/mcp-server', version: '0.39.0', bin: 'sentry-mcp', env: { SENTRY_ACCESS_TOKEN: TOKEN } },
  { package: '@hubspot/mcp-server', version: '0.4.0', bin: 'mcp-hubspot', env: { PRIVATE_APP_ACCESS_TOKEN: TOKEN } },
  { package: 'airtable-mcp-server', version: '1.14.0', bin: 'airtable-mcp-server', env: { AIRTABLE_API_KEY: `pat.${TOKEN}` } },
  {
    package: '@dynatrace-oss/dynatrace-mcp-server',
    version: '2.1.2',
    bin: 'mcp-server-dynatrace',
    env: { DT_ENVIRONMENT: 'https://abc12345.apps.dynatrace.com', DT_PLATFORM_TOKEN: 'dt0s16.not.token' },
  },
];

/** Servers in front of a service that has no account here: what they offer is listed, and called where that asks nobody outside. */
export const SERVICE_SUBJECTS: Subject[] = SERVICES.map(({ package: name, version, bin, args = [], env, calls = [] }) => ({
  name,
  package: { name, version },
  bin,
  prepare: () => ({ args, ...(env && { env }), calls }),
}));
