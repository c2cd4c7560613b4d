import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

// What Codex itself says of the servers in its settings, asked as an editor asks it.
const [command] = process.argv.slice(2);
const codex = spawn(command, ['app-server'], { stdio: ['pipe', 'pipe', 'ignore'] });
const send = (message) => codex.stdin.write(`${JSON.stringify(message)}\n`);
createInterface(codex.stdout).on('line', (line) => {
  const { id, result } = JSON.parse(line);
  if (id === 1) {
    send({ method: 'initialized' });
    send({ id: 2, method: 'mcpServerStatus/list', params: {} });
  }
  if (id !== 2) return;
  const told = result.data.map(({ name, tools, toolsError }) => [name, { tools: Object.keys(tools).toSorted(), toolsError }]);
  process.stdout.write(`${JSON.stringify(Object.fromEntries(told))}\n`);
  codex.kill();
});
send({ id: 1, method: 'initialize', params: { clientInfo: { name: 'editor', version: '1.0.0' } } });
