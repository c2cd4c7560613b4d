// expect: services-know-no-process-or-transport
import { WebSocketServer } from 'ws';
export { WebSocketServer };
