import type { Metadata } from 'next';

import { ProfilePage } from '../../../../../features/profile/profile-page.tsx';

interface Props {
  params: Promise<{ slug: string }>;
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: (await params).slug };
}

export default async function Page({ params }: Props) {
  return <ProfilePage slug={(await params).slug} />;
}
