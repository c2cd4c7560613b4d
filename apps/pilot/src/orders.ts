/** One order of the shop. Amounts in euro cents. */
export interface Order {
  orderId: string;
  customer: { name: string; email: string };
  status: 'open' | 'shipped' | 'cancelled';
  totalCents: number;
  note: string;
  trackingCode: string | null;
}

/** The orders team's data: in memory, starts the same each time. */
export class OrderBook {
  readonly #orders = new Map<string, Order>();

  constructor() {
    const seed: Array<[string, string, string, Order['status'], number, string | null]> = [
      ['8841', 'Ada Byron', 'ada.byron@example.com', 'shipped', 18_000, 'PX-77-8841'],
      ['8842', 'Noor Haddad', 'noor.haddad@example.com', 'open', 4_250, null],
      ['8843', 'Sam Okafor', 'sam.okafor@example.com', 'open', 129_900, null],
      ['8844', 'Mia Virtanen', 'mia.virtanen@example.com', 'shipped', 7_600, 'PX-77-8844'],
    ];
    for (const [orderId, name, email, status, totalCents, trackingCode] of seed) {
      this.#orders.set(orderId, { orderId, customer: { name, email }, status, totalCents, note: '', trackingCode });
    }
  }

  find(orderId: string): Order | undefined {
    return this.#orders.get(orderId);
  }

  list(): Order[] {
    return [...this.#orders.values()];
  }

  /** Returns the changed order, or undefined when there is none. */
  annotate(orderId: string, note: string): Order | undefined {
    return this.#change(orderId, (order) => ({ ...order, note }));
  }

  cancel(orderId: string): Order | undefined {
    return this.#change(orderId, (order) => ({ ...order, status: 'cancelled' }));
  }

  #change(orderId: string, change: (order: Order) => Order): Order | undefined {
    const order = this.#orders.get(orderId);
    if (!order) return undefined;
    const changed = change(order);
    this.#orders.set(orderId, changed);
    return changed;
  }
}
