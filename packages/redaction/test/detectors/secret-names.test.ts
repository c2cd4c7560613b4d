import { expect, test } from 'vitest';

import { isSecretName } from '../../src/detectors/key-names.ts';

test.each(
  `password passwd passphrase passcode pwd passwort salasana kennwort contrasena motdepasse secret secretKey client_secret
   secretValue token token_value jwt bearer sessionId session-key sessid api_key apikey API-Token access_key accessKeyId
   private_key signingKey encryption_key auth-key AccountKey sharedKey master_key license_key deploy_key service_key
   integration-key consumerKey write_key appKey application_key userKey authorization Proxy-Authorization cookie credential
   credentials ConnectionString webhook_url privateKeyPem access_code authCode verification-code securityCode recovery_code
   backupCode oneTimeCode reset_code signature pass pin otp CVV cvc cvv2 auth sig mfa totp ssn pw psw dsn artapi apitoken`
    .trim()
    .split(/\s+/),
)('%s is the name of a secret, also behind other words and in capitals', (name) => {
  for (const whole of [name, name.toUpperCase(), `my_${name}`, `x-${name}`, `db.${name}`]) expect(whole).toSatisfy(isSecretName);
});

test.each([
  // one word of several, which must be the last
  ['userPassword', true],
  ['DB_PASSWORD', true],
  ['mysqlpassword', true],
  ['refreshToken', true],
  ['X-Amz-Signature', true],
  ['user.auth.token', true],
  ['p a s s w o r d', true],
  ['käyttäjän_salasana', true],
  // whole words only
  ['card_pin', true],
  ['cardPin', true],
  ['CARD_PIN', true],
  ['spin', false],
  ['Spin', false],
  ['compass', false],
  ['bypass', false],
  ['oauth', false],
  ['design', false],
  ['config', false],
  ['dsn2', false],
  // the secret is not what the name is about
  ['password_length', false],
  ['passwordPolicy', false],
  ['token_count', false],
  ['tokens', false],
  ['max_tokens', false],
  ['secrets_enabled', false],
  ['cookies', false],
  ['signature_type', false],
  ['key', false],
  ['public_key', false],
  ['primaryKey', false],
  ['keyboard', false],
  ['code', false],
  ['zip_code', false],
  ['username', false],
  // no name at all, or one of every object
  ['', false],
  ['_', false],
  ['ä', false],
  ['n', false],
  ['__proto__', false],
  ['constructor', false],
  ['toString', false],
  ['\uD800', false],
])('%j is the name of a secret: %s', (name, secret) => {
  expect(isSecretName(name)).toBe(secret);
});

test('a name of a million letters is looked at once', () => {
  expect(isSecretName('a'.repeat(1_000_000))).toBe(false);
  expect(isSecretName(`${'a'.repeat(1_000_000)}_password`)).toBe(true);
});
