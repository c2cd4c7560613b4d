import { openSmtp } from '@gatehouse/services/mail/smtp-transport';

import type { ProcessEnvironments } from './environment.ts';
import { fail, type Finding, pass } from './finding.ts';

/** Whether console and worker agree that mail is sent, and whether the mail server takes the worker. */
export async function checkMail({ console: page, worker }: ProcessEnvironments): Promise<Finding[]> {
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
  if (!worker) return [];
  if (url === undefined || sends === undefined) {
    return [pass('mail', 'no mail server is named: links are shown to whoever makes them, to hand over')];
  }
  const smtp = openSmtp({ url, from: sends });
  const { host } = new URL(url);
  try {
    await smtp.probe();
    return [pass('mail', `the mail server at ${host} takes the worker`)];
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    return [fail('mail', `the mail server at ${host} does not take the worker (${code}); look at GATEHOUSE_SMTP_URL`)];
  } finally {
    smtp.close();
  }
}
