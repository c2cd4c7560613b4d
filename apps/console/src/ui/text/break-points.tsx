import { Fragment, type ReactNode } from 'react';

/** After what divides the parts of an address or a name, and where the next word of it begins. */
const BREAK = /(?<=[/_@?&=-])(?<!:\/\/)(?![/_@?&=-])|(?<=\.)(?=\p{L})|(?<=\p{Ll})(?=\p{Lu})/u;

/** A name or an address that may go on in the next line between its parts, before it would anywhere. Copied, it is the same text. */
export function withBreaks(text: string): ReactNode {
  return text.split(BREAK).map((part, index) => (
    <Fragment key={index}>
      {index > 0 && <wbr />}
      {part}
    </Fragment>
  ));
}
