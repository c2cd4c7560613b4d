// expect: agent-carries-no-server-library
import { Queue } from 'bullmq';
export { Queue };
