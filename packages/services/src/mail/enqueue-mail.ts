import type { TenantTx } from '@gatehouse/db/tenant';

/** A mail to come. It holds no secret: the worker makes the link's when it sends it. */
export interface QueuedMail {
  kind: 'invitation' | 'reset';
  email: string;
  /** whose link it brings; null: the worker looks whether there is a member with this address, and makes one */
  accountTokenId: string | null;
}

/**
 * Puts a mail into the outbox, in the transaction of the act that it is about; the worker finds it there within seconds. Of one that asks for a new
 * password one waits for each address. Row order matters: the worker locks the tenant before it counts what is left.
 */
export async function enqueueMail(tx: TenantTx, tenantId: string, mail: QueuedMail, now: Date): Promise<void> {
  await tx.mail.createMany({ data: [{ tenantId, ...mail, createdAt: now, dueAt: now }], skipDuplicates: true });
  await tx.tenant.updateMany({
    where: { id: tenantId, OR: [{ mailDueAt: null }, { mailDueAt: { gt: now } }] },
    data: { mailDueAt: now },
  });
}
