import { TEXTS } from './texts.ts';

const repeat = (count: number, write: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => write(index)).join('');

/** Text as there is, of every kind that a detector is for: what a detector finds costs more than what it passes over. */
export const KINDS: Readonly<Record<string, string>> = {
  ...TEXTS,
  'settings with secrets': repeat(200, (index) => `SERVICE_${index}_TOKEN=value${index}\npassword: "word-${index}"\n`),
  'commands with flags': repeat(
    200,
    (index) => `curl -u user${index}:word -H "Authorization: Bearer abcdef${index}" https://a.example/\n`,
  ),
  'a list of people': repeat(200, (index) => `Ada Lovelace, ada.${index}@mail.example, +358 40 ${1_000_000 + index}\n`),
  'a table of numbers': repeat(400, (index) => `${index} ${(index * 7_919) % 1_000} ${(index * 31) % 97} ${(index * 13) % 89} `),
  'a table of amounts': repeat(400, (index) => `${index}.50 1${index}.25 192.168.${index % 250}.1 12-34-${1_000 + index}\n`),
  'accounts and cards': repeat(200, (index) => `FI21 1234 5600 0007 ${10 + (index % 90)} 4111 1111 1111 ${1_000 + index}\n`),
  'addresses of machines': repeat(
    200,
    (index) => `fe80::${index}:1 00:1a:2b:3c:4d:${10 + (index % 90)} 10.0.0.${index % 250}:8080\n`,
  ),
  'quoted-printable': repeat(
    300,
    (index) => `K=C3=A4ytt=C3=A4j=C3=A4 ${index} =E2=82=AC ja viel=C3=A4 muuta t=C3=A4ss=C3=A4 rivill=\n=C3=A4.\n`,
  ),
  'percent-encoded': repeat(300, (index) => `q=${encodeURIComponent(`{"näyte": "${index}", "näin": [1, 2]}`)}&`),
  'escaped JSON': JSON.stringify(JSON.stringify(repeat(300, (index) => `"käyttäjä ${index}"\t\u001b[32mok\u001b[0m\n`))),
  'colours of a terminal': repeat(400, (index) => `\u001B[32m${index} ok\u001B[0m \u001B[1;31mfailed\u001B[0m\r\n`),
  emoji: repeat(400, (index) => `\u{1F468}\u200D\u{1F469}\u200D\u{1F467} ${index} \u2764\uFE0F \u{1F44D}\u{1F3FF} `),
  'Hebrew and Persian': repeat(400, (index) => `שלום!\u200F ${index} می\u200Cخواهم، `),
  'private keys and tokens': repeat(
    100,
    (index) => `/v1/${Buffer.from(`item ${index * 7_919} of all`).toString('base64url')}/x?id=${index}.${index}\n`,
  ),
};
