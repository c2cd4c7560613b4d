import { openSmtp } from '@gatehouse/services/mail/smtp-transport';

import type { ProcessEnvironments } from './environment.ts';
import { fail, type Finding, pass, skip } from './finding.ts';

/**
 * Whether console and worker agree that mail is sent, and whether the mail server takes the worker: connection, TLS and sign-in. `testTo`: somebody who is sent a mail that says that it is a
 * test. Nothing that the mail server says is printed, because it may say again what it was told.
 */
export async function checkMail({ console: page, worker }: ProcessEnvironments, testTo?: string): Promise<Finding[]> {
  const [told, sends] = [page?.GATEHOUSE_MAIL_FROM, worker?.GATEHOUSE_MAIL_FROM];
  if (page && worker && told !== sends) {
    return [
      fail(
        'mail',
        'GATEHOUSE_MAIL_FROM has to be the same for console and worker: the one hands out no links that the other sends',
      ),
    ];
  }
  const url = worker?.GATEHOUSE_SMTP_URL;
  if (!worker || url === undefined || sends === undefined) {
    const untested =
      testTo === undefined ? [] : [fail('mail', 'a test mail is asked for, and the worker is told of no mail server')];
    return worker
      ? [pass('mail', 'no mail server is named: links are shown to whoever makes them, to hand over'), ...untested]
      : untested;
  }
  const smtp = openSmtp({ url, from: sends });
  const { host } = new URL(url);
  try {
    await smtp.probe();
    const findings = [pass('mail', `the mail server at ${host} takes the worker`)];
    if (testTo === undefined) return findings;
    return [...findings, await sendTest(smtp, { host, to: testTo })];
  } catch (error) {
    const untested = testTo === undefined ? [] : [skip('mail', 'no test mail was sent')];
    return [fail('mail', `the mail server at ${host} ${describeRefusal(error)}`), ...untested];
  } finally {
    smtp.close();
  }
}

async function sendTest(
  smtp: Pick<ReturnType<typeof openSmtp>, 'post'>,
  { host, to }: { host: string; to: string },
): Promise<Finding> {
  const text = 'This is a test of the mail configuration of Gatehouse. Nothing is to be done.\n';
  try {
    await smtp.post({ to, subject: 'Test of the mail configuration of Gatehouse', text });
    return pass('mail', `the mail server at ${host} took a test mail for ${to}; look whether it arrives`);
  } catch (error) {
    return fail('mail', `the mail server at ${host} takes the worker and no mail: it ${describeRefusal(error)}`);
  }
}

const SENDER = 'look at GATEHOUSE_MAIL_FROM, which it may not let this account send from, and at the address of the test';

/** By the code of the step that failed. */
const REFUSALS: Readonly<Record<string, string>> = {
  ECONNECTION: 'is not reached: look at host and port in GATEHOUSE_SMTP_URL, and at firewalls between',
  EDNS: 'is not found: look at the host in GATEHOUSE_SMTP_URL',
  ETIMEDOUT:
    'does not answer in time: look at host and port in GATEHOUSE_SMTP_URL (smtps:// for 465, smtp:// for 587), and at firewalls between',
  ESOCKET:
    'ends the connection: look at port and scheme in GATEHOUSE_SMTP_URL (smtps:// for 465, smtp:// for 587), and at its certificate',
  ETLS: 'offers no TLS by STARTTLS that can be trusted: look at its certificate, or use smtps:// where that is what it speaks',
  EAUTH: 'does not take user and password: look at them in GATEHOUSE_SMTP_URL, with @ : / % written as %40 %3A %2F %25',
  ENOAUTH: 'does not take user and password: look at them in GATEHOUSE_SMTP_URL',
  EPROTOCOL: 'answers otherwise than a mail server: look at port and scheme in GATEHOUSE_SMTP_URL',
  EENVELOPE: `refuses sender or receiver: ${SENDER}`,
  EMESSAGE: `refuses the mail: ${SENDER}`,
};

/** "does not take user and password: …  (EAUTH 535)": what is wrong and what to look at, in words of ours alone. */
function describeRefusal(error: unknown): string {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unknown';
  const answer =
    error instanceof Error && 'responseCode' in error && typeof error.responseCode === 'number' ? ` ${error.responseCode}` : '';
  const isPlain = code === 'ESOCKET' && error instanceof Error && /ECONNREFUSED|EHOSTUNREACH|ENETUNREACH/.test(error.message);
  const words = REFUSALS[isPlain ? 'ECONNECTION' : code] ?? 'does not take the worker: look at GATEHOUSE_SMTP_URL';
  return `${words} (${code}${answer})`;
}
