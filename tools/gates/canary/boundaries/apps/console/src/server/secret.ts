// expect: console-knows-no-wire-or-queue
import { Queue } from 'bullmq';
export const secret = Queue;
