import { expect, test } from 'vitest';

import { PREFIXES, WEAK_PREFIXES } from '../../src/detectors/token-formats.ts';
import { findTokens } from '../../src/detectors/tokens.ts';
import { expectFound } from '../support/marked.ts';

/** Twelve characters that look drawn by nobody, so that only the prefix says what they are. */
const WORDS = 'plain-wordss';
const DIGITS = 'plain-words7';
const findByForm = (text: string) => findTokens(text).filter(({ rule }) => rule === 'token');

test.each(PREFIXES)('behind %s twelve characters are a token, and eleven none', (prefix) => {
  const tail = WEAK_PREFIXES.has(prefix) ? DIGITS : WORDS;
  expectFound(findByForm, `see «${prefix}${tail}» there`, 'token');
  expectFound(findByForm, `https://h/«${prefix}${tail}»`, 'token');
  expect(findByForm(`see ${prefix}${tail.slice(1)} there`)).toEqual([]);
  expect(findByForm(`see x${prefix}${tail} there`).filter(({ start }) => start === 5)).toEqual([]);
});

test.each([...WEAK_PREFIXES])('behind %s, with which a name could begin, a digit is needed', (prefix) => {
  expect(PREFIXES).toContain(prefix);
  expect(findByForm(`see ${prefix}${WORDS} there`)).toEqual([]);
  expectFound(findByForm, `see «${prefix}7lain-wordss» there`, 'token');
});

test('no prefix is hidden by a shorter one before it that takes less', () => {
  const hidden = PREFIXES.flatMap((prefix, at) =>
    PREFIXES.slice(0, at).filter(
      (earlier) => prefix.startsWith(earlier) && WEAK_PREFIXES.has(earlier) && !WEAK_PREFIXES.has(prefix),
    ),
  );
  expect(hidden).toEqual([]);
  expect(new Set(PREFIXES).size).toBe(PREFIXES.length);
});

const hex = '0123456789abcdef0123456789abcdef';
const capitals = 'Q3EG5X7LZ2B9CD4W';

test.each([
  ['a key id of AWS', `«${'AK'}IA${capitals}»`],
  ['a temporary one', `«${'AS'}IA${capitals}»`],
  ['a role', `«${'AR'}OA${capitals}»`],
  ['a user', `«${'AI'}DA${capitals}»`],
  ['a bearer of AWS', `«${'AB'}IA${capitals}»`],
  ['a context of AWS', `«${'AC'}CA${capitals}»`],
  ['an older key id', `«${'A3'}TX${capitals}»`],
  ['an account of Twilio', `«${'A'}C${hex}»`],
  ['a key of Twilio', `«${'S'}K${hex}»`],
  ['a key of Artifactory', `«${'AK'}Cp5budTFpbypBq»`],
  ['a password of Artifactory', `«${'AP'}5budTFpbypBq»`],
  ['1Password', '«A3-ABCDEF-GHIJKL-MNOPQ-RSTUV-WXYZA»'],
  ['a web token', `«${'ey'}JhbGciOiJI.eyJzdWIiOiIx.c2lnbmF0dXJl»`],
  ['a web token without a signature', `«${'ey'}JhbGciOiJI.eyJzdWIiOiIx»`],
  ['a bot of Discord', `«${'M'}TIzNDU2Nzg5MDEyMzQ1Njc4.Gabcde.abcdefghijklmnopqrstuvwxyz0»`],
  ['a bot of Telegram', `«712345678:${'A'}AabcdefghijklmnopqrstuvwxyzABCDEFG»`],
  ['a bot of Telegram with a number of eight digits', `«71234567:${'A'}AabcdefghijklmnopqrstuvwxyzABCDEFG»`],
  ['Facebook', `«1234567890123|abcdefghijklmnopqrstuvwx»`],
  ['Mailchimp', `«${hex}-us21»`],
  ['Entra', `«aB1${'8Q'}~abcdefghijklmnopqrstuvwxyzABCDE»`],
  ['a webhook of Slack', '«hooks.slack.com/services/T0/B0/x»'],
  ['a webhook of Discord', 'https://«discord.com/api/webhooks/1/abcdefgh»'],
  ['a webhook of Discord before', 'https://«discordapp.com/api/webhooks/1/abcdefgh»'],
  ['a webhook of Teams', 'https://corp.«webhook.office.com/webhookb2/1»'],
  ['a webhook of Outlook', 'https://«outlook.office.com/webhook/abcdefghij»'],
  ['a webhook in capitals', '«HOOKS.SLACK.COM/SERVICES/T0»'],
])('a token by its shape: %s', (_name, marked) => {
  expectFound(findByForm, marked, 'token');
  expectFound(findByForm, `a "${marked}" b`, 'token');
});

test.each([
  ['a key id of AWS with a letter less', `${'AK'}IA${capitals.slice(1)}`],
  ['a key id of AWS with a letter more', `${'AK'}IA${capitals}X`],
  ['a key id of AWS in small letters', `${'ak'}ia${capitals.toLowerCase()}`],
  ['an account of Twilio with a digit less', `AC${hex.slice(1)}`],
  ['a web token of one part', `${'ey'}JhbGciOiJIUzI1`],
  ['a number of seven digits and a bot', `7123456:${'A'}AabcdefghijklmnopqrstuvwxyzABCDEFG`],
  ['Facebook with twelve digits', '123456789012|abcdefghijklmnopqrstuvwx'],
  ['Mailchimp of a place with three digits', `${hex}-us211`],
  ['Entra with a letter less', `aB1${'8Q'}~abcdefghijklmnopqrstuvwxyzABCD`],
  ['a webhook of nine characters', 'hooks.slack.com/services/'],
  ['a webhook in a sentence', 'Read hooks.slack.com first'],
])('no token by its shape: %s', (_name, text) => {
  expect(findByForm(text)).toEqual([]);
});

const drawn = ['q7Wz2Lx9Rt4Vb6', 'Nm1Kp8Jd3Hf5Gs0Yc'].join('');

test.each([
  ['alone', `«${drawn}»`],
  ['in a path', `/orders/«${drawn}»/x`],
  ['with its padding', `«${drawn}==»`],
  ['with its padding, and one more sign', `«${drawn}==»=`],
  ['with a slash in it, padded', `«${drawn.slice(0, 10)}/${drawn.slice(10)}=»`],
  ['two, with a blank between', `«${drawn}» «${drawn}»`],
  ['at the end of a sentence', `It is «${drawn}».`],
  ['behind an equals sign', `x=«${drawn}»&y`],
  ['short pieces between slashes', `«${drawn.slice(0, 12)}/${drawn.slice(12, 24)}»`],
])('text that looks drawn at random goes: %s', (_name, marked) => {
  expectFound(findTokens, marked, 'random');
});

test.each([
  ['words between its slashes', `${drawn.slice(0, 12)}/orders/${drawn.slice(12, 24)}`],
  ['a path', '/src/features/profile/publish-button.tsx'],
  ['a version', '1.2.3-beta.4+build.567890'],
  ['a time', '2026-11-28T10:11:12.000Z'],
  ['letters beyond ASCII', 'äöäöäöäöäöäöäöäöäöäöäöäöäö'],
  ['nothing', ''],
])('text that does not stays: %s', (_name, text) => {
  expect(findTokens(text)).toEqual([]);
});
