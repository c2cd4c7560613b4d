import { z } from 'zod';

import { read } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { cutPage, type Page, readCursor } from '../cursor.ts';
import { parseInput } from '../errors.ts';
import { getPersonNames } from '../person-names.ts';
import { getSubjectNames } from './subject-names.ts';

const Position = z.tuple([
  z
    .string()
    .regex(/^\d{1,10}$/)
    .transform(Number),
]);

export const ListRevocations = z.object({
  /** `nextCursor` of the page before */
  cursor: z.string().max(500).optional(),
  limit: z.int().min(1).max(200).default(50),
});
export type ListRevocations = z.input<typeof ListRevocations>;

export interface RevocationView {
  /** place in the log, from 1 */
  seq: number;
  /** when it was signed as of */
  at: Date;
  act: string;
  subjectKind: string;
  subjectId: string;
  /** as the subject is called now; null when nothing of that id is there any more */
  subjectName: string | null;
  /** the entry of the admin log behind it */
  auditId: string;
  /** who revoked; null for what the worker took over from an agent after a restore */
  by: string | null;
}

/** The tenant's revocation log, newest entry first. */
export async function listRevocations({
  ctx,
  input = {},
}: {
  ctx: ServiceContext;
  input?: ListRevocations;
}): Promise<Page<RevocationView>> {
  authorize(ctx, 'revocation.read');
  const { cursor, limit } = parseInput(ListRevocations, input);
  const { tenantId } = ctx;
  return read(ctx, async (tx) => {
    const found = await tx.revocation.findMany({
      where: { tenantId, ...(cursor === undefined ? {} : { seq: { lt: readCursor(Position, cursor)[0] } }) },
      select: { ...SHOWN, audit: { select: { actorKind: true, actorId: true } } },
      orderBy: { seq: 'desc' },
      take: limit + 1,
    });
    const { page, nextCursor } = cutPage(found, limit, ({ seq }) => [String(seq)]);
    const names = await getSubjectNames(tx, tenantId, page);
    const people = await getPersonNames(
      tx,
      tenantId,
      page.map(({ audit }) => (audit.actorKind === 'person' ? audit.actorId : null)),
    );
    const rows = page.map(({ audit, subjectName, ...row }) => ({
      ...row,
      subjectName: names.get({ ...row, subjectName }),
      by: audit.actorKind === 'person' ? people.get(audit.actorId).name : null,
    }));
    return { rows, nextCursor };
  });
}

const SHOWN = { seq: true, at: true, act: true, subjectKind: true, subjectId: true, subjectName: true, auditId: true } as const;
