// expect: gatehouse(request-has-entry)
import { createServer } from 'node:http';
export const server = createServer((_request, response) => void response.end());
