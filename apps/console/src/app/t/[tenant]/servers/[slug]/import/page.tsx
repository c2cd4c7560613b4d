import type { Metadata } from 'next';

import { OpenapiAgain } from '../../../../../../features/server/openapi/openapi-import.tsx';

interface Props {
  params: Promise<{ slug: string }>;
}

export const metadata: Metadata = { title: 'Import again' };

export default async function Page({ params }: Props) {
  return <OpenapiAgain slug={(await params).slug} />;
}
