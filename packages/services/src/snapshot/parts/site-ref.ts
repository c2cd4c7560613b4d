/** The site whose configuration is written, and the moment for which it is. */
export interface SiteRef {
  tenantId: string;
  siteId: string;
  now: Date;
}
