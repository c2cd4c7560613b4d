import { createTransport } from 'nodemailer';

import { isLoopback } from '@gatehouse/network/hostname';

import type { PostMail } from './mail.ts';

const PORTS = { 'smtp:': 587, 'smtps:': 465 } as const;
/** for each step of a delivery, milliseconds: a mail server that hangs holds up one job */
const STEP_MS = 15_000;

export interface SmtpTransport {
  post: PostMail;
  /** Connects, says who it is, and leaves. Rejects when the server does not take it. */
  probe: () => Promise<void>;
  close: () => void;
}

/**
 * A mail server by its URL, `smtp://user:password@host:587` or `smtps://…:465`. The first speaks TLS from STARTTLS on, and to no server that
 * offers none, except on this machine. `from`: as people see it.
 */
export function openSmtp({ url, from }: { url: string; from: string }): SmtpTransport {
  const { protocol, hostname, port, username, password } = new URL(url);
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  const secure = protocol === 'smtps:';
  const transport = createTransport({
    host,
    port: port === '' ? PORTS[secure ? 'smtps:' : 'smtp:'] : Number(port),
    secure,
    requireTLS: !secure && !isLoopback(hostname),
    ...(username === '' ? {} : { auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) } }),
    connectionTimeout: STEP_MS,
    greetingTimeout: STEP_MS,
    socketTimeout: STEP_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  return {
    async post({ to, subject, text }) {
      await transport.sendMail({ from, to: { name: '', address: to }, subject, text });
    },
    async probe() {
      await transport.verify();
    },
    close: () => transport.close(),
  };
}
