import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { findFreePort } from '@gatehouse/process/testing/free-port';

import type { Subject, SubjectCall } from './subject.ts';

const everything = { name: '@modelcontextprotocol/server-everything', version: '2026.8.31' };

const EVERYTHING_CALLS: SubjectCall[] = [
  { tool: 'echo', arguments: { message: 'hello' } },
  { tool: 'get-sum', arguments: { a: 2, b: 40 } },
  { tool: 'get-structured-content', arguments: { location: 'Chicago' } },
  { tool: 'get-tiny-image' },
  { tool: 'get-resource-links', arguments: { count: 3 } },
];

/** What is in this repository's lockfile: enough for a run without any download. */
export const LOCAL_SUBJECTS: Subject[] = [
  {
    name: 'server-everything',
    package: everything,
    bin: 'mcp-server-everything',
    prepare: () => ({ args: ['stdio'], calls: EVERYTHING_CALLS }),
  },
  {
    name: 'server-everything',
    package: everything,
    bin: 'mcp-server-everything',
    async prepare() {
      const port = await findFreePort();
      const http = { url: `http://127.0.0.1:${port}/mcp` };
      return { args: ['streamableHttp'], env: { PORT: String(port) }, http, calls: EVERYTHING_CALLS };
    },
  },
  {
    name: 'server-everything',
    package: everything,
    bin: 'mcp-server-everything',
    async prepare() {
      const port = await findFreePort();
      const http = { url: `http://127.0.0.1:${port}/sse`, sse: true };
      return { args: ['sse'], env: { PORT: String(port) }, http, calls: EVERYTHING_CALLS };
    },
  },
  {
    name: 'server-filesystem',
    package: { name: '@modelcontextprotocol/server-filesystem', version: '2026.8.31' },
    bin: 'mcp-server-filesystem',
    prepare({ folder }) {
      mkdirSync(join(folder, 'notes'));
      writeFileSync(join(folder, 'notes', 'one.txt'), 'one line\n');
      return {
        args: [folder],
        calls: [
          { tool: 'list_directory', arguments: { path: folder } },
          { tool: 'read_text_file', arguments: { path: join(folder, 'notes', 'one.txt') } },
          { tool: 'read_text_file', arguments: { path: '/etc/hostname' } },
        ],
      };
    },
  },
  {
    name: 'pilot orders',
    package: null,
    bin: 'apps/pilot/src/main.ts',
    async prepare() {
      const port = await findFreePort();
      const bearer = 'pilot-orders-token';
      return {
        args: [],
        env: { ORDERS_PORT: String(port), ORDERS_TOKEN: bearer },
        http: { url: `http://127.0.0.1:${port}/mcp` },
        bearer,
        calls: [
          { tool: 'get_order', arguments: { orderId: '8841' } },
          { tool: 'get_order', arguments: { orderId: '9999' } },
        ],
      };
    },
  },
];
