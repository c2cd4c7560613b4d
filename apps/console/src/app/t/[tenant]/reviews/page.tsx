import type { Metadata } from 'next';

import { ReviewList } from '../../../../features/review/review-list.tsx';

export const metadata: Metadata = { title: 'Reviews' };

export default function ReviewsPage() {
  return <ReviewList />;
}
