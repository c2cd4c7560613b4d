import { authorisationKeepsItsNames, mutationIsAudited, verbAuthorisesFirst } from './lint/authorisation.js';
import { publicFieldIsReadonly } from './lint/fields.js';
import { mutationHasForm } from './lint/forms.js';
import { importIsWrittenOut } from './lint/imports.js';
import { requestHasEntry } from './lint/listeners.js';
import { mcpMethodIsNamed } from './lint/mcp-methods.js';
import { functionStartsWithVerb } from './lint/names.js';
import { procedureParsesNothing } from './lint/procedures.js';

/** House rules that no stock rule knows. */
export default {
  meta: { name: 'gatehouse' },
  rules: {
    'verb-authorises-first': verbAuthorisesFirst,
    'mutation-is-audited': mutationIsAudited,
    'authorisation-keeps-its-names': authorisationKeepsItsNames,
    'function-starts-with-verb': functionStartsWithVerb,
    'procedure-parses-nothing': procedureParsesNothing,
    'import-is-written-out': importIsWrittenOut,
    'mcp-method-is-named': mcpMethodIsNamed,
    'public-field-is-readonly': publicFieldIsReadonly,
    'mutation-has-form': mutationHasForm,
    'request-has-entry': requestHasEntry,
  },
};
