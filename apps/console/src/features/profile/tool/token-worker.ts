import { countTokens } from 'gpt-tokenizer/encoding/o200k_base';

import type { TokenAnswer, TokenQuestion } from './count-tokens.ts';

// A thread of its own: the vocabulary is 2 MB of script, and the tools of a profile are long.
addEventListener('message', ({ data: { id, texts } }: MessageEvent<TokenQuestion>) => {
  // A text that reads like one of the vocabulary's control tokens is text like any other.
  const answer: TokenAnswer = { id, tokens: texts.map((text) => countTokens(text, { disallowedSpecial: new Set() })) };
  postMessage(answer);
});
