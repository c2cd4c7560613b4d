import type { Metadata } from 'next';

import { Provenance } from '../../../../../features/provenance/provenance.tsx';
import { ReviewPage } from '../../../../../features/review/review-page.tsx';

export const metadata: Metadata = { title: 'Review' };

interface Props {
  params: Promise<{ id: string }>;
}

export default async function Page({ params }: Props) {
  const reviewId = (await params).id;
  return <ReviewPage reviewId={reviewId} provenance={<Provenance of={{ reviewId }} />} />;
}
