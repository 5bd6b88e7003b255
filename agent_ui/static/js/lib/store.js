/**
 * One page's state and those who watch it.
 * @template S
 */
export class Store {
  /** @type {S} */
  #state;
  /** @type {Set<(state: S, before: S) => void>} */
  #watchers = new Set();

  /** @param {S} state */
  constructor(state) {
    this.#state = state;
  }

  get state() {
    return this.#state;
  }

  /** @param {Partial<S>} changes */
  set(changes) {
    const before = this.#state;
    this.#state = { ...before, ...changes };
    for (const watcher of this.#watchers) watcher(this.#state, before);
  }

  /** @param {(state: S, before: S) => void} watcher called now and after each change */
  watch(watcher) {
    this.#watchers.add(watcher);
    watcher(this.#state, this.#state);
  }
}
