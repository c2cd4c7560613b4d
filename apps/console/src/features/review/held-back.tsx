import { countLeftOut, holdsSecret, LeftOutList, SecretAdvice } from '../../ui/entity/left-out-list.tsx';
import { Card } from '../../ui/layout/card.tsx';
import { ScrollRegion } from '../../ui/layout/scroll-region.tsx';
import { describeCount } from '../../ui/text/count.ts';
import { RelativeTime } from '../../ui/text/relative-time.tsx';
import type { ReviewDetail } from './summary.ts';

/** What of the server is not here to be decided on: what its agents held back, and what broke the bounds, with every reason. */
export function HeldBackCard({ heldBack }: Pick<ReviewDetail, 'heldBack'>) {
  if (heldBack.length === 0) return null;
  return (
    <Card title="Not in this review">
      <div className="flex flex-col gap-4">
        {heldBack.map((look) => (
          <section key={look.site.id} aria-label={`Not in this review, from ${look.site.name}`}>
            <p className="mb-2 max-w-[76ch] text-muted">
              {describeCount(countLeftOut(look), 'definition')} of this server {countLeftOut(look) === 1 ? 'is' : 'are'} left out
              at {look.site.name}, as {look.agentName ? `agent ${look.agentName}` : 'an agent that was removed since'} saw the
              server <RelativeTime at={look.lookedAt} />. Nobody can call what is left out.
            </p>
            <ScrollRegion
              label={`All that is left out at ${look.site.name}`}
              className="max-h-96 rounded-control border border-line px-3 py-2.5"
            >
              <LeftOutList label={`Left out at ${look.site.name}`} leftOut={look} />
            </ScrollRegion>
            {holdsSecret(look.parts) && <SecretAdvice />}
          </section>
        ))}
      </div>
    </Card>
  );
}
