/**
 * Keeps what the agent types safe: on the server a moment later, in the browser at once.
 * @import { Store } from "../lib/store.js"
 * @import { Page } from "./desk.js"
 * @import { Connection } from "./connection.js"
 * @import { DeskState } from "../models/desk_state.js"
 */
import * as form from "../models/draft_form.js";

const PAUSE_MS = 500;
const KEPT = "hotline-typed";

export class Drafting {
  #store;
  #connection;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  #online = false;

  /** @param {Store<Page>} store @param {Connection} connection */
  constructor(store, connection) {
    this.#store = store;
    this.#connection = connection;
    store.watch((page) => this.#follow(page));
    addEventListener("pagehide", () => this.flush());
  }

  /** @param {string} name @param {string} value */
  type(name, value) {
    this.#keep(form.type(this.#store.state.typed, name, value));
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.flush(), PAUSE_MS);
  }

  /** Send what is not on the server yet. */
  flush() {
    clearTimeout(this.#timer);
    const { numbered, typed, online } = this.#store.state;
    const call = numbered.desk?.call;
    if (!online || !call) return;
    const taken = form.takeUnsent(typed);
    if (taken.edits.length === 0) return;
    this.#keep(taken.typed);
    for (const edit of taken.edits) {
      const case_id = numbered.desk?.draft?.case_id ?? "";
      void this.#connection.ask({ type: "edit_draft", call_id: call.call_id, case_id, ...edit });
    }
  }

  /** @param {Page} page */
  #follow(page) {
    const desk = page.numbered.desk;
    if (!desk) return;
    if (this.#isOtherCall(page, desk)) return;
    const settled = form.settle(page.typed, desk.draft);
    if (settled !== page.typed) return this.#keep(settled);
    const cameBack = page.online && !this.#online;
    this.#online = page.online;
    if (!cameBack) return;
    // What was under way when the socket was lost may not have arrived: it is sent once more.
    this.#keep(form.markUnsent(page.typed));
    this.flush();
  }

  /** What was typed belongs to one call; after a reload it comes back from the browser's memory.
   * @param {Page} page @param {DeskState} desk */
  #isOtherCall(page, desk) {
    const callId = desk.call?.call_id ?? "";
    if (callId === page.typedFor) return false;
    const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "{}");
    const typed = callId !== "" && kept.call_id === callId ? form.markUnsent(kept.typed) : {};
    this.#store.set({ typedFor: callId, typed });
    if (Object.keys(typed).length > 0) this.flush();
    return true;
  }

  /** @param {form.TypedFields} typed */
  #keep(typed) {
    const call_id = this.#store.state.typedFor;
    sessionStorage.setItem(KEPT, JSON.stringify({ call_id, typed }));
    this.#store.set({ typed });
  }
}
