import { accessSync, constants, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { findFreePort } from '@gatehouse/process/testing/free-port';

import { probe, RowSkipped, type Row } from './target.ts';

const PLACES = ['/usr/sbin/nginx', '/usr/local/sbin/nginx', '/usr/bin/nginx', '/usr/local/bin/nginx', '/opt/homebrew/bin/nginx'];

/** nginx as a reverse proxy with kept connections, one worker, no log. */
export const nginx: Row = {
  name: 'nginx',
  async start({ pack, workDir, upstreamUrl }) {
    const program = PLACES.find(isExecutable);
    if (program === undefined) throw new RowSkipped('nginx is not installed (Debian: apt-get install nginx-light).');
    const port = await findFreePort();
    const prefix = join(workDir, 'nginx');
    mkdirSync(prefix);
    const config = join(prefix, 'nginx.conf');
    writeFileSync(config, buildConfig(port, new URL(upstreamUrl), process.geteuid?.() === 0));
    const command = [program, '-p', prefix, '-c', config, '-e', 'stderr'];
    const started = pack.start({ name: 'nginx', command });
    const target = { name: 'nginx', url: `http://127.0.0.1:${port}/mcp`, headers: {}, leashPid: started.pid };
    return probe(target, ['legacy', 'modern'], started.hasEnded);
  },
};

function buildConfig(port: number, upstream: URL, isRoot: boolean): string {
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `  ${name}_temp_path ${name};`);
  // the workers have to reach the folder, which belongs to whoever started this
  return `${isRoot ? 'user root;\n' : ''}daemon off;
pid nginx.pid;
worker_processes 1;
events { worker_connections 256; }
http {
${temporary.join('\n')}
  access_log off;
  upstream bench { server ${upstream.host}; keepalive 32; }
  server {
    listen 127.0.0.1:${port};
    keepalive_requests 1000000;
    location / {
      proxy_pass http://bench;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
    }
  }
}
`;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
