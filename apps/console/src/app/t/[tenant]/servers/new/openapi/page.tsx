import type { Metadata } from 'next';

import { OpenapiNew } from '../../../../../../features/server/openapi/openapi-import.tsx';

export const metadata: Metadata = { title: 'Add a REST API' };

export default function NewRestApiPage() {
  return <OpenapiNew />;
}
