import { procedureParsesNothing } from './lint/procedures.js';
import { mutationIsAudited, verbAuthorisesFirst } from './lint/verbs.js';

/** House rules that no stock rule knows. */
export default {
  meta: { name: 'gatehouse' },
  rules: {
    'verb-authorises-first': verbAuthorisesFirst,
    'mutation-is-audited': mutationIsAudited,
    'procedure-parses-nothing': procedureParsesNothing,
  },
};
