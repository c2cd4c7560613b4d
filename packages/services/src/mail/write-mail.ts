import type { Role } from '@gatehouse/db/client';

import type { Mail } from './mail.ts';

export interface LinkMail {
  kind: 'invitation' | 'reset';
  to: string;
  /** as people call it */
  workspace: string;
  role: Role;
  /** where the console is */
  consoleUrl: string;
  /** the secret of the link */
  token: string;
  expiresAt: Date;
}

/** The mail that brings a link. Its secret stands behind `#`, so that no log on the way to the console keeps it. */
export function writeLinkMail({ kind, to, workspace, role, consoleUrl, token, expiresAt }: LinkMail): Mail {
  const link = new URL(`/${kind}#${token}`, consoleUrl).href;
  const until = `${expiresAt.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  const name = workspace.replaceAll(/\s+/g, ' ').trim();
  const lines =
    kind === 'invitation'
      ? [
          `You are invited to the workspace ${name} in Gatehouse, as ${role}.`,
          '',
          'Open this link to choose a password, or to join with an account that you have:',
          link,
          '',
          `It works once, until ${until}. If you do not know what this is about, do nothing.`,
        ]
      : [
          `Somebody asked for a new password for ${to} in the workspace ${name} in Gatehouse.`,
          '',
          'Open this link to choose one:',
          link,
          '',
          `It works once, until ${until}. If it was not you, do nothing: your password stays as it is.`,
        ];
  const subject = kind === 'invitation' ? `Join ${name} in Gatehouse` : `New password for ${name} in Gatehouse`;
  return { to, subject, text: `${lines.join('\n')}\n` };
}
