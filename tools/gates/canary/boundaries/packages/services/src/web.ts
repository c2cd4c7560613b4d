import { WebSocketServer } from 'ws';
export { WebSocketServer };
