// expect: gatehouse(function-starts-with-verb) thingName
// expect: gatehouse(function-starts-with-verb) secret
export class Things {
  thingName(): string {
    return this.#secret();
  }
  #secret(): string {
    return 'thing';
  }
}
