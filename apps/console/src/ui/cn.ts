/** Joins class names; of two Tailwind classes that set the same thing the later one wins. Client components only: the library is marked so. */
export { cn } from '@cloudflare/kumo';
