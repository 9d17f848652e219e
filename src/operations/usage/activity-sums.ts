/** How apps were used since somebody took that away, in bounded memory: no app takes the room of the others. */

const MOST_APPS = 10_000;
const MOST_NETWORKS = 50_000;
/** More than an app is remembered to be used from. */
const MOST_OF_AN_APP = 200;
/** So many networks of each app are noted where there are very many of all together. */
const ROOM_OF_AN_APP = 5;

export interface Use {
  count: number;
  readonly networks: Set<string>;
}

/** An app as it was used. */
export type Used = readonly [appId: number, use: Use];

export class ActivitySums {
  #apps = new Map<number, Use>();
  #networks = 0;

  /** A delivery to an app, from a client network. */
  count(appId: number, network: string): void {
    const use = this.#useOf(appId);
    if (use === null) return;
    use.count++;
    this.#note(use, network);
  }

  /** So many deliveries to an app, from these client networks. */
  add(appId: number, count: number, networks: Iterable<string>): void {
    const use = this.#useOf(appId);
    if (use === null) return;
    use.count += count;
    for (const network of networks) this.#note(use, network);
  }

  /** Null where there are too many apps. */
  #useOf(appId: number): Use | null {
    let use = this.#apps.get(appId);
    if (use === undefined) {
      if (this.#apps.size >= MOST_APPS) return null;
      use = { count: 0, networks: new Set() };
      this.#apps.set(appId, use);
    }
    return use;
  }

  #note({ networks }: Use, network: string): void {
    if (networks.has(network)) return;
    const most = this.#networks < MOST_NETWORKS ? MOST_OF_AN_APP : ROOM_OF_AN_APP;
    if (networks.size >= most) return;
    networks.add(network);
    this.#networks++;
  }

  /** What was summed, by the number of the app; then it is nothing. */
  take(): Used[] {
    const used = [...this.#apps].sort(([one], [other]) => one - other);
    this.#apps = new Map();
    this.#networks = 0;
    return used;
  }
}
