import { Card, KeyValue } from '../../ui/card.tsx';
import { CopyText } from '../../ui/copy.tsx';
import { FullTime } from '../../ui/relative-time.tsx';
import type { ServerDetail } from './server-state.tsx';

/** How the server is reached, and who added it. */
export function ServerFacts({ server }: { server: ServerDetail }) {
  const { transport } = server;
  const credential = transport.kind === 'http' ? transport.credential : null;
  return (
    <Card>
      <KeyValue
        items={[
          { label: 'Kind', value: transport.kind === 'http' ? 'MCP over HTTP' : 'MCP over stdio' },
          transport.kind === 'http'
            ? { label: 'URL', value: <CopyText text={transport.url} label="URL" /> }
            : { label: 'Guardrails entry', value: <span className="font-mono">{transport.entry}</span> },
          {
            label: 'Credential',
            value: credential ? (
              <span className="font-mono text-xs">
                {credential.header}: {credential.prefix}
                {'<'}
                {credential.reference}
                {'>'}
              </span>
            ) : (
              'none'
            ),
          },
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
