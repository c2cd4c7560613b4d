import { Queue } from 'bullmq';
export const secret = Queue;
