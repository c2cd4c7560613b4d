import { Queue } from 'bullmq';
export { Queue };
