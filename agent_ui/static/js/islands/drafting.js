/**
 * Keeps what the agent types safe: on the server a moment later, in the browser at once.
 * Each matter of the call has its own typing.
 * @import { Store } from "../lib/store.js"
 * @import { Page } from "./desk.js"
 * @import { Connection } from "./connection.js"
 * @import { DeskState } from "../models/desk_state.js"
 */
import * as form from "../models/draft_form.js";
import { openMatter } from "../models/drafts.js";

const PAUSE_MS = 500;
const KEPT = "hotline-typed";
/** @type {form.TypedFields} */
const NOTHING_TYPED = {};

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
    const matter = openMatter(this.#store.state);
    this.#keepOf(matter, form.type(typedOf(this.#store.state, matter), name, value));
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.flush(), PAUSE_MS);
  }

  /** Send what is not on the server yet. */
  flush() {
    clearTimeout(this.#timer);
    const { numbered, typed, online } = this.#store.state;
    const call = numbered.desk?.call;
    if (!online || !call) return;
    for (const matter of Object.keys(typed).map(Number)) {
      const taken = form.takeUnsent(typedOf(this.#store.state, matter));
      if (taken.edits.length === 0) continue;
      this.#keepOf(matter, taken.typed);
      const draft = numbered.desk?.drafts.find((one) => one.matter === matter);
      for (const edit of taken.edits) {
        const case_id = draft?.case_id ?? "";
        void this.#connection.ask({ type: "edit_draft", call_id: call.call_id, case_id, ...edit });
      }
    }
  }

  /** Take the latest change of a field back: what was not sent yet is only forgotten.
   * @param {string} name */
  async undo(name) {
    const page = this.#store.state;
    const matter = openMatter(page);
    const own = typedOf(page, matter)[name];
    if (own && !own.sent) return this.#forget(matter, name);
    const draft = page.numbered.desk?.drafts.find((one) => one.matter === matter);
    const call_id = page.numbered.desk?.call?.call_id;
    if (!draft || !call_id) return;
    const { case_id } = draft;
    await this.#connection.ask({ type: "undo_edit", call_id, case_id, field: name });
    this.#forget(matter, name);
  }

  /** @param {number} matter @param {string} name */
  #forget(matter, name) {
    const { [name]: _dropped, ...rest } = typedOf(this.#store.state, matter);
    this.#keepOf(matter, rest);
  }

  /** @param {Page} page */
  #follow(page) {
    const desk = page.numbered.desk;
    if (!desk) return;
    if (this.#isOtherCall(page, desk)) return;
    for (const draft of desk.drafts) {
      const before = typedOf(page, draft.matter);
      const settled = form.settle(before, draft);
      if (settled !== before) return this.#keepOf(draft.matter, settled);
    }
    const cameBack = page.online && !this.#online;
    this.#online = page.online;
    if (!cameBack) return;
    // What was under way when the socket was lost may not have arrived: it is sent once more.
    this.#keep(allUnsent(page.typed));
    this.flush();
  }

  /** What was typed belongs to one call; after a reload it comes back from the browser's memory.
   * @param {Page} page @param {DeskState} desk */
  #isOtherCall(page, desk) {
    const callId = desk.call?.call_id ?? "";
    if (callId === page.typedFor) return false;
    const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "{}");
    const typed = callId !== "" && kept.call_id === callId ? allUnsent(kept.typed) : {};
    this.#store.set({ typedFor: callId, typed, matter: 0 });
    if (Object.keys(typed).length > 0) this.flush();
    return true;
  }

  /** @param {number} matter @param {form.TypedFields} fields */
  #keepOf(matter, fields) {
    const { [matter]: _before, ...others } = this.#store.state.typed;
    const empty = Object.keys(fields).length === 0;
    this.#keep(empty ? others : { ...others, [matter]: fields });
  }

  /** @param {Record<number, form.TypedFields>} typed */
  #keep(typed) {
    const call_id = this.#store.state.typedFor;
    sessionStorage.setItem(KEPT, JSON.stringify({ call_id, typed }));
    this.#store.set({ typed });
  }
}

/** What was typed into one matter's form. @param {Page} page @param {number} matter */
export function typedOf(page, matter) {
  return page.typed[matter] ?? NOTHING_TYPED;
}

/** @param {Record<number, form.TypedFields>} typed @returns {Record<number, form.TypedFields>} */
function allUnsent(typed) {
  return Object.fromEntries(
    Object.entries(typed).map(([matter, fields]) => [matter, form.markUnsent(fields)]),
  );
}
