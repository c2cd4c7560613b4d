// expect: gatehouse(public-field-is-readonly) make it private
export class Counter {
  total = 0;

  add(): void {
    this.total += 1;
  }
}
