/** Names of log fields whose value is never written, at the top and up to two levels down. */
const NAMES = `
  password passwords passwordHash currentPassword newPassword secret token tokenHash apiKey api_key authorization cookie credential privateKey signature clientSecret
  accessToken refreshToken sessionToken databaseUrl ownerUrl appDatabaseUrl arguments
  structuredContent payload snapshot envelope
`
  .trim()
  .split(/\s+/);

/** For pino: `pino({ redact: logCensor })`. A net below the rule that neither credentials nor arguments are handed to a logger at all. */
export const logCensor = {
  paths: [
    ...NAMES.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]),
    ...['headers', 'req.headers', 'res.headers'].flatMap((path) => [
      `${path}.authorization`,
      `${path}.cookie`,
      `${path}["set-cookie"]`,
      `${path}["x-api-key"]`,
    ]),
  ],
  censor: '[redacted]',
};
