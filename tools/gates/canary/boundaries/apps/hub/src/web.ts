import next from 'next';
export { next };
