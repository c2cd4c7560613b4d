/** A schema too entangled to be curated. */
export class SchemaTooComplex extends Error {
  override readonly name = 'SchemaTooComplex';
  constructor() {
    super('The schema of this tool is too entangled for argument rules.');
  }
}
