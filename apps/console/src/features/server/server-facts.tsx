import type { ServerTransport } from '@gatehouse/policy/documents/snapshot';

import { Card, KeyValue, type KeyValueProps } from '../../ui/layout/card.tsx';
import { CopyText } from '../../ui/text/copy.tsx';
import { FullTime } from '../../ui/text/relative-time.tsx';
import { UntrustedText } from '../../ui/text/untrusted-text.tsx';
import { PROCESSES } from './add/new-server-form.ts';
import { describeCredentialKind, listCredentialLines, listHeaderLines } from './form/credential-words.ts';
import type { ServerDetail } from './server-state.tsx';

/** How the server is reached, and who added it. */
export function ServerFacts({ server }: { server: ServerDetail }) {
  return (
    <Card>
      <KeyValue
        items={[
          ...listTransportFacts(server.transport),
          { label: 'Sites', value: server.sites.map(({ name }) => name).join(', ') },
          { label: 'Profiles', value: server.profileCount },
          { label: 'Added by', value: server.createdBy.name },
          { label: 'Added', value: <FullTime at={server.createdAt} /> },
          { label: 'Id', value: <CopyText text={server.id} label="server id" /> },
        ]}
      />
    </Card>
  );
}

function listTransportFacts(transport: ServerTransport): KeyValueProps['items'] {
  switch (transport.kind) {
    case 'http':
      return [
        { label: 'Kind', value: 'MCP over HTTP' },
        { label: 'URL', value: <CopyText text={transport.url} label="URL" /> },
        ...listCredentialFacts(transport),
      ];
    case 'rest':
      return [
        { label: 'Kind', value: 'REST API' },
        { label: 'Base URL', value: <CopyText text={transport.baseUrl} label="base URL" /> },
        ...listCredentialFacts(transport),
      ];
    case 'stdio':
      return [
        { label: 'Kind', value: 'MCP over stdio' },
        { label: 'Guardrails entry', value: <span className="font-mono">{transport.entry}</span> },
        { label: 'Processes', value: PROCESSES[transport.processes].label },
      ];
  }
}

function listCredentialFacts({ credential }: Exclude<ServerTransport, { kind: 'stdio' }>): KeyValueProps['items'] {
  const headers = listHeaderLines(credential);
  return [
    {
      label: 'Credential',
      value: (
        <>
          {describeCredentialKind(credential)}
          <Lines lines={listCredentialLines(credential)} />
        </>
      ),
    },
    ...(headers.length > 0 ? [{ label: 'Fixed headers', value: <Lines lines={headers} /> }] : []),
  ];
}

function Lines({ lines }: { lines: readonly string[] }) {
  return lines.map((line) => (
    <span key={line} className="block font-mono text-xs break-all text-muted">
      <UntrustedText text={line} />
    </span>
  ));
}
