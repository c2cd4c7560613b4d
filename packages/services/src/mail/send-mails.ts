import type { AccountToken, Mail as MailRow, Tenant } from '@gatehouse/db/client';
import { runInLookup } from '@gatehouse/db/tenant';

import { mutate, type Mutation, read } from '../audit/mutate.ts';
import { createLinkSecret } from '../auth/account-link.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { MINUTE_MS } from '../durations.ts';
import { makeMailedReset } from '../member/make-link.ts';
import type { PostMail } from './mail.ts';
import { writeLinkMail } from './write-mail.ts';

/** Mails of one run. */
const BATCH = 50;
/** After so many attempts a mail is given up; the one after the n-th comes n² minutes later. */
const MAX_ATTEMPTS = 6;

export interface SentMails {
  sent: number;
  /** taken by no mail server this time */
  failed: number;
  /** whose link nobody needs any more, or that are for nobody */
  dropped: number;
  [name: string]: unknown;
}

/**
 * System job: sends what waits in the outbox of a workspace. The secret of each link is made here and stands in the mail and nowhere else; a mail that is
 * sent again brings another one. Nothing that a mail server says is kept, only that it refused.
 */
export async function sendMails({ ctx, post }: { ctx: ServiceContext; post: PostMail | null }): Promise<SentMails> {
  authorize(ctx, 'mail.send');
  const result: SentMails = { sent: 0, failed: 0, dropped: 0 };
  const { tenantId, runtime } = ctx;
  const due = { tenantId, givenUpAt: null, dueAt: { lte: runtime.now() } };
  const mails = await read(ctx, (tx) => tx.mail.findMany({ where: due, orderBy: { dueAt: 'asc' }, take: BATCH }));
  for (const mail of mails) {
    const outcome = await sendOne(ctx, post, mail);
    result[outcome] += 1;
  }
  await keepNextTime(ctx);
  return result;
}

async function sendOne(ctx: ServiceContext, post: PostMail | null, { id }: MailRow): Promise<'sent' | 'failed' | 'dropped'> {
  authorize(ctx, 'mail.send');
  const { tenantId, runtime } = ctx;
  const prepared = await prepareMail(ctx, id);
  if (prepared === null) return 'dropped';
  const { consoleUrl } = runtime.settings;
  const { token, link } = prepared;
  try {
    if (post === null || consoleUrl === undefined) throw new Error('This worker is not told of a mail server');
    const { kind, email, role, expiresAt } = link;
    await post(writeLinkMail({ kind, to: email, workspace: link.tenant.name, role, consoleUrl, token, expiresAt }));
  } catch (error) {
    // the error of a mail server names it and the address, and never what was sent
    runtime.log.warn({ err: error, mailId: id }, 'a mail was not taken');
    await mutate(
      ctx,
      async ({ tx, signal }) => {
        // not one that was queued anew meanwhile: that is another row
        await tx.mail.updateMany({ where: { tenantId, id }, data: { refusedAt: runtime.now() } });
        signal('member', link.membershipId ?? link.id);
      },
      { audited: false },
    );
    return 'failed';
  }
  await mutate(
    ctx,
    async ({ tx, signal }) => {
      await tx.mail.deleteMany({ where: { tenantId, id } });
      await tx.accountToken.updateMany({ where: { tenantId, id: link.id }, data: { mailedAt: runtime.now() } });
      signal('member', link.membershipId ?? link.id);
    },
    { audited: false },
  );
  return 'sent';
}

interface PreparedMail {
  link: AccountToken & { tenant: Tenant };
  token: string;
}

/** Counts the attempt and makes a new secret for the link; null when there is nobody to send it to, and the mail is gone then. */
async function prepareMail(ctx: ServiceContext, id: string): Promise<PreparedMail | null> {
  authorize(ctx, 'mail.send');
  const { tenantId, runtime } = ctx;
  const now = runtime.now();
  return mutate(ctx, async (m) => {
    const { tx } = m;
    const where = { tenantId_id: { tenantId, id } };
    await tx.$executeRaw`select 1 from mail where tenant_id = ${tenantId}::uuid and id = ${id}::uuid for update`;
    const mail = await tx.mail.findUnique({ where });
    // another run had it meanwhile
    if (!mail || mail.dueAt > now || mail.givenUpAt) {
      m.reportUnchanged();
      return null;
    }
    const asked = mail.accountTokenId === null ? await makeAskedReset(ctx, m, mail) : null;
    if (asked) {
      const after = { linkId: asked.id, byMail: true };
      await m.audit({ action: 'member.create_reset_link', entityType: 'member', entityId: asked.membershipId, after });
    } else m.reportUnchanged();
    const linkId = mail.accountTokenId ?? asked?.id ?? null;
    const open = { tenantId, id: linkId ?? '', usedAt: null, withdrawnAt: null, expiresAt: { gt: now } };
    const link = linkId === null ? null : await tx.accountToken.findFirst({ where: open, include: { tenant: true } });
    if (!link) {
      await tx.mail.delete({ where });
      return null;
    }
    const { token, tokenHash } = createLinkSecret(link.kind, now);
    await tx.accountToken.updateMany({ where: open, data: { tokenHash } });
    const attempts = mail.attempts + 1;
    const dueAt = new Date(now.getTime() + attempts ** 2 * MINUTE_MS);
    const givenUpAt = attempts >= MAX_ATTEMPTS ? now : null;
    await tx.mail.update({ where, data: { attempts, dueAt, givenUpAt, accountTokenId: link.id } });
    return { link, token };
  });
}

/** The link of a member who asked for a new password without having signed in; null when nobody of this address may have one. */
async function makeAskedReset(
  ctx: ServiceContext,
  m: Mutation,
  { email }: MailRow,
): Promise<{ id: string; membershipId: string } | null> {
  authorize(ctx, 'mail.send');
  const { tenantId, runtime } = ctx;
  const member = await m.tx.membership.findFirst({ where: { tenantId, email, endedAt: null } });
  if (!member) return null;
  const { userId } = member;
  const mayAsk = await runInLookup(runtime.db, { userId }, async (tx) => {
    const user = await tx.user.findUnique({ where: { id: userId }, select: { disabledAt: true } });
    // the link changes the password of the account, so all who know it must know it by the address that gets the mail
    const others = await tx.membership.count({ where: { userId, endedAt: null, email: { not: email } } });
    return user?.disabledAt === null && others === 0;
  });
  if (!mayAsk) return null;
  const { id } = await makeMailedReset(m, ctx, member);
  return { id, membershipId: member.id };
}

/** Tells the sweep when to look again. The tenant is locked first: what is queued meanwhile waits for that, and sets its own time. */
async function keepNextTime(ctx: ServiceContext): Promise<void> {
  authorize(ctx, 'mail.send');
  const { tenantId } = ctx;
  await mutate(
    ctx,
    async ({ tx }) => {
      await tx.$executeRaw`select 1 from tenant where id = ${tenantId}::uuid for update`;
      const [next] = await tx.mail.findMany({
        where: { tenantId, givenUpAt: null },
        select: { dueAt: true },
        orderBy: { dueAt: 'asc' },
        take: 1,
      });
      await tx.tenant.updateMany({ where: { id: tenantId }, data: { mailDueAt: next?.dueAt ?? null } });
    },
    { audited: false },
  );
}
