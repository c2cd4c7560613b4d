import { cn } from '../cn.ts';
import { Badge } from '../status/badge.tsx';
import { getTenantTone, type TenantColour } from './tenant-colour.ts';

export interface Tenant {
  slug: string;
  name: string;
  colour: TenantColour | null;
  environment: string | null;
}

export interface TenantFaceProps {
  tenant: Tenant;
  /** the mark alone; the words are there for assistive technology */
  collapsed?: boolean;
}

/** A workspace as it is told from others: mark in its colour, name, environment. */
export function TenantFace({ tenant, collapsed = false }: TenantFaceProps) {
  const { name, environment } = tenant;
  return (
    <>
      <span
        aria-hidden
        className={cn(
          'flex size-6 shrink-0 items-center justify-center rounded-control text-xs font-semibold text-canvas',
          getTenantTone(tenant),
        )}
      >
        {name.charAt(0).toUpperCase()}
      </span>
      <span className={cn('min-w-0 flex-1 truncate text-left font-semibold', collapsed && 'sr-only')}>{name}</span>
      {environment !== null && !collapsed && <Badge>{environment}</Badge>}
      {environment !== null && collapsed && <span className="sr-only">{environment}</span>}
    </>
  );
}
