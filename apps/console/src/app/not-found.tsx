import { LinkButton } from '../ui/button.tsx';
import { PlainPage } from '../ui/layout/plain-page.tsx';

export default function NotFound() {
  return (
    <PlainPage
      title="There is no such page"
      action={
        <LinkButton href="/" variant="primary">
          Go to your workspace
        </LinkButton>
      }
    >
      The address is wrong, the thing was removed, or it belongs to a workspace that you are not a member of.
    </PlainPage>
  );
}
