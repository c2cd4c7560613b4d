// expect: gatehouse(request-has-entry)
import type { Server } from 'node:http';
export const serveUpgrades = (server: Server) => void server.on('upgrade', (_request, socket) => void socket.end());
