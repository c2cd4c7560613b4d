import { UntrustedText } from '../../../ui/text/untrusted-text.tsx';
import { describePlace } from './finding-place.ts';

/** In words where there are some; the exact place on hover. */
export function Place({ pointer }: { pointer: string }) {
  const { words, name } = describePlace(pointer);
  return (
    <span title={pointer}>
      {words}
      {name !== null && (
        <>
          {' '}
          <code>
            <UntrustedText text={name} />
          </code>
        </>
      )}
    </span>
  );
}
