// expect: gatehouse(function-starts-with-verb) thingName
export class Things {
  readonly #thingName: () => string;
  constructor(readName: () => string) {
    this.#thingName = readName;
  }
  readName(): string {
    return this.#thingName();
  }
}
