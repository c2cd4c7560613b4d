import type { Metadata } from 'next';

import { NewServer } from '../../../../../features/server/add/new-server.tsx';

export const metadata: Metadata = { title: 'Add a server' };

export default function NewServerPage() {
  return <NewServer />;
}
