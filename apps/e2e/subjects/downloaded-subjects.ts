import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { findFreePort } from '@gatehouse/process/testing/free-port';

import { readEnv } from '../src/env.ts';
import type { Subject, SubjectCall, SubjectPlace } from './subject.ts';

const SELECT = 'SELECT id, name FROM item ORDER BY id';

const makeMcpPackage = (name: string, version: string) => ({ name: `@modelcontextprotocol/${name}`, version });

/** A small SQLite file with the table `item(id, name)`. */
function createSqliteFile({ folder }: SubjectPlace): string {
  const file = join(folder, 'items.db');
  const database = new DatabaseSync(file);
  database.exec(
    "CREATE TABLE item (id INTEGER PRIMARY KEY, name TEXT NOT NULL); INSERT INTO item VALUES (1, 'bolt'), (2, 'nut')",
  );
  database.close();
  return file;
}

function requirePostgresUrl({ postgresUrl: url }: SubjectPlace): string {
  if (url === null) throw new Error('this subject needs a database');
  return url;
}

const ISO_TIME = /\d{4}-\d\d-\d\dT[\d:.]+Z/g;
/** the demo invents the shares of past months anew for each call */
const MADE_UP_SHARES = /\d+\.\d+/g;
const TIME_AND_COUNT = /\d{4}-\d\d-\d\dT[\d:.]+Z|(?<=counter\D+)\d+/gi;

/** A demo of MCP Apps: one tool whose answer is shown by a `ui://` resource. */
function createDemoSubject(name: string, bin: string, call: SubjectCall): Subject {
  return { name, package: makeMcpPackage(name, '2.0.3'), bin, prepare: () => ({ args: ['--stdio'], calls: [call] }) };
}

/** What is installed when it is first asked for; together more than a gigabyte. */
export const DOWNLOADED_SUBJECTS: Subject[] = [
  {
    name: 'server-memory',
    package: makeMcpPackage('server-memory', '2026.8.31'),
    bin: 'mcp-server-memory',
    prepare: ({ folder }) => ({
      args: [],
      env: { MEMORY_FILE_PATH: join(folder, 'memory.jsonl') },
      calls: [{ tool: 'read_graph' }, { tool: 'search_nodes', arguments: { query: 'nothing' } }],
    }),
  },
  {
    name: 'server-sequential-thinking',
    package: makeMcpPackage('server-sequential-thinking', '2026.8.31'),
    bin: 'mcp-server-sequential-thinking',
    prepare: () => ({
      args: [],
      calls: [
        {
          tool: 'sequentialthinking',
          arguments: { thought: 'One thought', nextThoughtNeeded: false, thoughtNumber: 1, totalThoughts: 1 },
        },
      ],
    }),
  },
  {
    name: 'server-postgres',
    package: makeMcpPackage('server-postgres', '0.6.2'),
    bin: 'mcp-server-postgres',
    needsPostgres: true,
    prepare: (place) => ({
      args: [requirePostgresUrl(place)],
      calls: [{ tool: 'query', arguments: { sql: SELECT } }],
    }),
  },
  {
    name: 'dbhub',
    package: { name: '@bytebase/dbhub', version: '1.4.0' },
    bin: 'dbhub',
    needsPostgres: true,
    prepare: (place) => ({
      args: ['--dsn', `${requirePostgresUrl(place)}?sslmode=disable`],
      calls: [{ tool: 'execute_sql', arguments: { sql: SELECT } }],
    }),
  },
  {
    name: 'dbhub',
    package: { name: '@bytebase/dbhub', version: '1.4.0' },
    bin: 'dbhub',
    needsPostgres: true,
    async prepare(place) {
      const port = await findFreePort();
      return {
        args: ['--dsn', `${requirePostgresUrl(place)}?sslmode=disable`, '--transport', 'http', '--port', String(port)],
        http: { url: `http://127.0.0.1:${port}/mcp` },
        calls: [{ tool: 'execute_sql', arguments: { sql: SELECT } }],
      };
    },
  },
  {
    name: 'postgres-mcp-server',
    package: { name: '@henkey/postgres-mcp-server', version: '1.0.7' },
    bin: 'postgres-mcp',
    needsPostgres: true,
    prepare: (place) => ({
      args: ['--connection-string', requirePostgresUrl(place)],
      calls: [{ tool: 'pg_execute_query', arguments: { operation: 'select', query: SELECT } }],
    }),
  },
  {
    name: 'mcp-server-sqlite-npx',
    package: { name: 'mcp-server-sqlite-npx', version: '0.8.0' },
    bin: 'mcp-server-sqlite-npx',
    prepare: (place) => ({
      args: [createSqliteFile(place)],
      calls: [{ tool: 'list_tables' }, { tool: 'read_query', arguments: { query: SELECT } }],
    }),
  },
  {
    name: 'mcp-sqlite',
    package: { name: 'mcp-sqlite', version: '1.0.9' },
    bin: 'mcp-sqlite-server',
    prepare: (place) => ({
      args: [createSqliteFile(place)],
      calls: [{ tool: 'list_tables' }, { tool: 'query', arguments: { sql: SELECT } }],
    }),
  },
  {
    name: 'database-server',
    package: { name: '@executeautomation/database-server', version: '1.1.0' },
    bin: 'ea-database-server',
    prepare: (place) => ({
      args: [createSqliteFile(place)],
      calls: [{ tool: 'list_tables' }, { tool: 'read_query', arguments: { query: SELECT } }],
    }),
  },
  {
    name: 'git-mcp-server',
    package: { name: '@cyanheads/git-mcp-server', version: '2.15.3' },
    bin: 'git-mcp-server',
    prepare({ folder }) {
      execFileSync('git', ['init', '--quiet', folder]);
      return { args: [], calls: [{ tool: 'git_status', arguments: { path: folder } }] };
    },
  },
  {
    name: 'mongodb-mcp-server',
    package: { name: 'mongodb-mcp-server', version: '3.0.4' },
    bin: 'mongodb-mcp-server',
    prepare: ({ folder }) => ({
      // as arguments: what a site hands on in a variable is taken for a credential, and is in no answer
      args: ['--telemetry', 'disabled', '--logPath', join(folder, 'logs'), '--exportsPath', join(folder, 'exports')],
      calls: [{ tool: 'list-connections' }],
    }),
  },
  {
    name: 'mongodb-mcp-server',
    package: { name: 'mongodb-mcp-server', version: '3.0.4' },
    bin: 'mongodb-mcp-server',
    async prepare() {
      const port = await findFreePort();
      return {
        args: ['--transport', 'http', '--httpPort', String(port)],
        env: { MDB_MCP_TELEMETRY: 'disabled' },
        http: { url: `http://127.0.0.1:${port}/mcp` },
        calls: [{ tool: 'list-connections' }],
      };
    },
  },
  {
    name: 'playwright-mcp',
    package: { name: '@playwright/mcp', version: '0.0.83' },
    bin: 'playwright-mcp',
    prepare({ folder }) {
      const chromium = [readEnv().PLAYWRIGHT_CHROMIUM, '/usr/bin/chromium'].find(
        (path) => path !== undefined && existsSync(path),
      );
      if (chromium === undefined) return { args: ['--headless'], calls: [] };
      const args = ['--headless', '--isolated', '--no-sandbox', '--executable-path', chromium, '--output-dir', folder];
      const url = 'data:text/html,<title>One</title><h1>Page one</h1>';
      return {
        args,
        calls: [
          { tool: 'browser_navigate', arguments: { url }, ignore: /page-[\w.:-]+\.yml/g },
          { tool: 'browser_evaluate', arguments: { function: '() => document.title' } },
        ],
      };
    },
  },
  {
    name: 'mcp-server-commands',
    package: { name: 'mcp-server-commands', version: '0.5.0' },
    bin: 'mcp-server-commands',
    prepare: () => ({ args: [], calls: [{ tool: 'run_command', arguments: { command: 'echo hello' } }] }),
  },
  {
    name: 'notion-mcp-server',
    package: { name: '@notionhq/notion-mcp-server', version: '2.5.2' },
    bin: 'notion-mcp-server',
    prepare: () => ({ args: [], env: { NOTION_TOKEN: 'not-a-token' }, calls: [] }),
  },
  createDemoSubject('server-basic-react', 'mcp-server-basic-react', { tool: 'get-time', ignore: ISO_TIME }),
  createDemoSubject('server-budget-allocator', 'mcp-budget-allocator-server', {
    tool: 'get-budget-data',
    ignore: MADE_UP_SHARES,
  }),
  createDemoSubject('server-debug', 'mcp-server-debug', { tool: 'debug-refresh', ignore: TIME_AND_COUNT }),
  createDemoSubject('server-map', 'mcp-map-server', {
    tool: 'show-map',
    ignore: /(?<="viewUUID":")[\da-f-]+/g,
    arguments: { west: 24, south: 60, east: 25, north: 61 },
  }),
];
