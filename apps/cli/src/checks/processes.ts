import { once } from 'node:events';
import { connect } from 'node:tls';

import { z } from 'zod';

import { describeFault } from '../fault.ts';
import type { ProcessEnvironments } from './environment.ts';
import { describeValidity } from './files.ts';
import { fail, type Finding, note, pass } from './finding.ts';

const ANSWER_MS = 5_000;
const Readiness = z.object({ status: z.string(), away: z.array(z.string()).default([]) });
const Version = z.object({ version: z.string() });

interface Place {
  name: string;
  url: string;
  token: string | undefined;
}

/** Asks each process, where it listens, whether it is ready, and which version it is. */
export async function checkProcesses({ console: page, hub, worker }: ProcessEnvironments, version: string): Promise<Finding[]> {
  const places = [
    ...(page ? [buildPlace('console', page.GATEHOUSE_CONSOLE_HOST, page.GATEHOUSE_CONSOLE_PORT, page.GATEHOUSE_OPS_TOKEN)] : []),
    ...(hub ? [buildPlace('hub', hub.GATEHOUSE_HUB_HOST, hub.GATEHOUSE_HUB_PORT, hub.GATEHOUSE_OPS_TOKEN)] : []),
    ...(worker
      ? [buildPlace('worker', worker.GATEHOUSE_WORKER_HOST, worker.GATEHOUSE_WORKER_PORT, worker.GATEHOUSE_OPS_TOKEN)]
      : []),
  ];
  return (await Promise.all(places.map((place) => checkProcess(place, version)))).flat();
}

/** What listens everywhere is asked on loopback. */
function buildPlace(name: string, host: string, port: number, token: string | undefined): Place {
  const near = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return { name, url: `http://${near.includes(':') ? `[${near}]` : near}:${port}`, token };
}

async function checkProcess({ name, url, token }: Place, version: string): Promise<Finding[]> {
  try {
    const readiness = await ask(`${url}/readyz`, token);
    const { status, away } = Readiness.parse(await readiness.json());
    if (!readiness.ok)
      return [fail(name, `at ${url} it is ${status}${away.length > 0 ? `: ${away.join(', ')} do not answer` : ''}`)];
    const found = Version.safeParse(await (await ask(`${url}/version`, token)).json().catch(() => null));
    const differs = found.success && found.data.version !== version;
    return [
      pass(name, `it is ready at ${url}${found.success ? `, version ${found.data.version}` : ''}`),
      ...(differs ? [note(name, `it runs version ${found.data.version}, this is ${version}`)] : []),
    ];
  } catch (error) {
    return [fail(name, `at ${url} it cannot be asked: ${describeFault(error)}`)];
  }
}

/** Asks console and hub at the addresses by which people and agents reach them, through whatever stands in between. */
export async function checkPublicAddresses({ console: page, hub, worker }: ProcessEnvironments): Promise<Finding[]> {
  const hubUrl = page?.GATEHOUSE_HUB_PUBLIC_URL ?? hub?.GATEHOUSE_HUB_PUBLIC_URL ?? worker?.GATEHOUSE_HUB_PUBLIC_URL;
  const places = [
    ...(page ? [{ name: 'console', url: new URL('/healthz', page.NEXTAUTH_URL) }] : []),
    ...(hubUrl === undefined ? [] : [{ name: 'hub', url: new URL('/healthz', hubUrl.replace(/^ws/, 'http')) }]),
  ];
  return (await Promise.all(places.map(checkPublicAddress))).flat();
}

async function checkPublicAddress({ name, url }: { name: string; url: URL }): Promise<Finding[]> {
  try {
    const { ok, status, body } = await ask(url.href, undefined);
    await body?.cancel();
    return [
      ok
        ? pass(name, `it is reached at ${url.origin}`)
        : fail(name, `at ${url.origin} something answers ${status} that is not this ${name}`),
      ...(url.protocol === 'https:' ? await checkCertificate(url) : []),
    ];
  } catch (error) {
    return [fail(name, `it cannot be reached at ${url.origin}: ${describeFault(error)}`)];
  }
}

/** The certificate that callers are shown; that it is trusted here has been seen already. */
async function checkCertificate({ hostname, host, port }: URL): Promise<Finding[]> {
  const socket = connect({ host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || 443), servername: hostname });
  try {
    await once(socket, 'secureConnect', { signal: AbortSignal.timeout(ANSWER_MS) });
    const certificate = socket.getPeerX509Certificate();
    return certificate ? describeValidity(`the certificate of ${host}`, certificate) : [];
  } finally {
    socket.destroy();
  }
}

function ask(url: string, token: string | undefined): Promise<Response> {
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return fetch(url, { headers, redirect: 'manual', signal: AbortSignal.timeout(ANSWER_MS) });
}
