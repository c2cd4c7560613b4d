import { z } from 'zod';

const Base64Url = (most: number) =>
  z
    .string()
    .max(most)
    .regex(/^[\w-]+$/);
/** Level 3 of WebAuthn bounds an id by 1023 bytes. */
const CredentialId = Base64Url(1_400);
const Transport = z.enum(['ble', 'cable', 'hybrid', 'internal', 'nfc', 'smart-card', 'usb']);

const Answer = { id: CredentialId, rawId: CredentialId, type: z.literal('public-key') };

/** What a browser answers that made a passkey, as far as it is read; what else it says is left out. */
export const MadePasskey = z.object({
  ...Answer,
  response: z.object({
    clientDataJSON: Base64Url(4_000),
    attestationObject: Base64Url(8_000),
    // browsers name new ones before the library does
    transports: z
      .array(z.unknown())
      .max(20)
      .default([])
      .transform((given) => given.flatMap((each) => Transport.safeParse(each).data ?? [])),
  }),
});

/** What a browser answers that signed with one. */
export const SignedChallenge = z.object({
  ...Answer,
  response: z.object({
    clientDataJSON: Base64Url(4_000),
    authenticatorData: Base64Url(2_000),
    signature: Base64Url(2_000),
    userHandle: Base64Url(200)
      .nullish()
      .transform((handle) => handle ?? undefined),
  }),
});
