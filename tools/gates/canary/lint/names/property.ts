// expect: gatehouse(function-starts-with-verb) thingName
// expect: gatehouse(function-starts-with-verb) secret
export class Things {
  readonly thingName = (): string => this.#secret();
  readonly #secret = (): string => 'thing';
}
