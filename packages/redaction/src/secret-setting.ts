import { findPrivateKeys, findUrlCredentials } from './detectors/blocks.ts';
import { isSecretName } from './detectors/key-names.ts';
import { isRandom } from './detectors/randomness.ts';
import { findTokens } from './detectors/tokens.ts';

/** Wider than for values of calls: a setting that is taken for a secret costs a reference, one that is not costs the secret. */
const SECRET_WORD = /key|token|secret|passw|auth|credential|signature/i;
const SCHEME = /^(?:bearer|basic|token|digest)\s+\S{8}/i;

/**
 * Whether a setting of a server seems to be a secret: a header, a parameter of a URL or a variable that a person entered or pasted, by its name or by
 * its value. An empty value is none.
 */
export function isSecretSetting(name: string, value: string): boolean {
  const text = value.trim();
  if (text === '') return false;
  if (isSecretName(name) || SECRET_WORD.test(name) || SCHEME.test(text)) return true;
  if (findTokens(text).length > 0 || findPrivateKeys(text).length > 0 || findUrlCredentials(text).length > 0) return true;
  return text.split(/[\s,;=&"']+/).some(isRandom);
}
