// expect: hub-knows-no-web-or-database
import next from 'next';
export { next };
