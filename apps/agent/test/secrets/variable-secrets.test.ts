import { expect, test } from 'vitest';

import type { StdioEntry } from '../../src/config/guardrails/stdio-entry.ts';
import { findVariableSecrets } from '../../src/secrets/variable-secrets.ts';

const ENTRY: StdioEntry = { command: '/bin/true', args: [], cwd: '/', env: [], sha256: {} };

/** Of a program that is handed all of these variables. */
function find(environment: Record<string, string>) {
  return findVariableSecrets(new Map([['files', { ...ENTRY, env: Object.keys(environment) }]]), environment);
}

test.for<[name: string, value: string, ...secrets: string[]]>([
  ['DATABASE_URL', 'postgres://postgres:s3cr3t-pass@db.internal:5432/orders?sslmode=require', 's3cr3t-pass'],
  ['DATABASE_URL', 'postgres://postgres:open/sesame?@db.internal/orders', 'open/sesame?'],
  ['MYSQL_DSN', 'app:opensesame@tcp(10.0.0.1:3306)/db', 'opensesame'],
  ['MONGODB_URI', 'mongodb+srv://app:opensesame@a.example:1,b.example:2/db', 'opensesame'],
  ['REDIS_URL', 'redis://:opensesame@cache:6379/0', 'opensesame'],
  ['REPOSITORY', 'https://ghp_0a1B2c3D4e5F6g7H@github.com/acme/shop.git', 'ghp_0a1B2c3D4e5F6g7H'],
  ['GITHUB_PAT', 'opensesame', 'opensesame'],
  ['SMTP_PWD', 'opensesame', 'opensesame'],
  ['COOKIE', 'lang=en; session=0a1B2c3D4e5F', '0a1B2c3D4e5F', 'lang=en; session=0a1B2c3D4e5F'],
  ['BEARER', 'Bearer opensesame', 'opensesame', 'Bearer opensesame'],
  ['SLACK_WEBHOOK', 'https://hooks.slack.com/services/T000/B000/0a1B2c3D4e5F6g7H8i9J', '0a1B2c3D4e5F6g7H8i9J'],
  ['DOCKER_HOST', 'tcp://app:opensesame@docker.example:2376', 'opensesame'],
  ['CALLBACK', 'https://api.example/hook?api_key=opensesame&page=1', 'opensesame'],
  ['CONNECTION_STRING', 'Server=db;User Id=app;Password="open sesame";', 'open sesame'],
  ['CACHE', 'cache.example:6380,password=opensesame,ssl=True', 'opensesame'],
  ['ACCOUNT_JSON', '{"type":"service","private_key":"opensesame"}', 'opensesame'],
  ['SOMETHING', '9f86d081884c7d659a2feaa0c55ad015', '9f86d081884c7d659a2feaa0c55ad015'],
  ['SOMETHING', 'correct-horse-battery-staple', 'correct-horse-battery-staple'],
])('a secret that a program is handed as %s is held: %s', ([name, value, ...secrets]) => {
  expect(find({ [name]: value }).values).toEqual(expect.arrayContaining(secrets));
});

test('what would spoil ordinary text is not held', () => {
  const plain = {
    PATH: '/usr/local/bin:/usr/bin:/opt/Xy12Zz34/bin',
    HOME: '/home/agent',
    LANG: 'en_US.UTF-8',
    TZ: 'Europe/Vienna',
    NODE_ENV: 'production',
    PORT: '8080',
    AWS_REGION: 'eu-central-1',
    FEATURE: 'true',
    USE_TOKENS: 'false',
    MAX_TOKENS: '4096',
    GIT_AUTHOR_NAME: 'Jane Applewhite',
    KEYCLOAK_REALM: 'customers',
    API_TOKEN_FILE: '/run/secrets/token',
    LIMIT: '5000000',
    MODE: 'read-only',
    INDEX: 'customerOrders',
    CONFIG: '/etc/gatehouse/servers/production/settings.yaml',
    DATABASE_HOST: 'db.internal.example',
    REPLICAS: 'replica.one.internal.example:5432',
    API: 'https://api.example.com/v1/customers?format=compact',
    AUTH_URL: 'https://login.example.com/realms/customers',
  };
  expect(find(plain)).toEqual({ values: [], problems: [] });
});

test('of an address with a user the host and an ordinary user stay readable', () => {
  expect(find({ DATABASE_URL: 'postgres://postgres:0a1B2c3D4e5F@db.internal.example/customers' }).values).toEqual([
    '0a1B2c3D4e5F',
  ]);
});

test('a secret too short to be told from ordinary text is named, and not its value', () => {
  const { values, problems } = find({ SMTP_PWD: 'q7z', DATABASE_URL: 'postgres://app:q7z@db/orders' });
  expect(values).toEqual([]);
  expect(problems).toEqual([
    expect.stringMatching(/^The variable SMTP_PWD holds a secret that is shorter than 8/),
    expect.stringMatching(/DATABASE_URL/),
  ]);
  expect(problems.join()).not.toContain('q7z');
});

test("the proxy's user and password are held, whatever a program is handed", () => {
  const { values } = findVariableSecrets(new Map(), { HTTPS_PROXY: 'http://svc-0a1B2c3D:opensesame@proxy.example:3128' });
  expect(values).toEqual(['svc-0a1B2c3D', 'opensesame']);
});
