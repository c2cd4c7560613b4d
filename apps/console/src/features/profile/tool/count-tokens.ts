/** What the thread that counts is asked. */
export interface TokenQuestion {
  id: number;
  texts: readonly string[];
}
/** What it answers: of each text its tokens, in the order of the question. */
export interface TokenAnswer {
  id: number;
  tokens: readonly number[];
}

type OnCounted = (tokens: TokenAnswer['tokens'] | null) => void;

/** There from the first question on: what it has loaded serves every other one of the page. */
let thread: Worker | null = null;
let lastId = 0;
const waiting = new Map<number, OnCounted>();

function openThread(): Worker {
  const opened = new Worker(new URL('./token-worker.ts', import.meta.url));
  opened.addEventListener('message', ({ data: { id, tokens } }: MessageEvent<TokenAnswer>) => {
    waiting.get(id)?.(tokens);
    waiting.delete(id);
  });
  opened.addEventListener('error', (event) => {
    // A figure less on the screen is no error of the page; the next question tries again.
    event.preventDefault();
    opened.terminate();
    thread = null;
    for (const onCounted of waiting.values()) onCounted(null);
    waiting.clear();
  });
  return opened;
}

/**
 * Counts the tokens of texts as one common model does (o200k), beside the page's own thread; another model may differ by 10 to 20 %. `onCounted`
 * is told once: null where they cannot be counted. What is returned ends the wait.
 */
export function countTokens(texts: readonly string[], onCounted: OnCounted): () => void {
  thread ??= openThread();
  lastId += 1;
  const question: TokenQuestion = { id: lastId, texts };
  waiting.set(question.id, onCounted);
  thread.postMessage(question);
  return () => waiting.delete(question.id);
}
