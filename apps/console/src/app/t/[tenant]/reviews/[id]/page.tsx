import type { Metadata } from 'next';

import { ReviewPage } from '../../../../../features/review/review-page.tsx';

export const metadata: Metadata = { title: 'Review' };

interface Props {
  params: Promise<{ id: string }>;
}

export default async function Page({ params }: Props) {
  return <ReviewPage reviewId={(await params).id} />;
}
