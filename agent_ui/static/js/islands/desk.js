/**
 * The desk: one store, one socket, one telephone, and the islands that show them.
 * @import { Numbered } from "../models/desk_state.js"
 * @import { TypedFields } from "../models/draft_form.js"
 * @import { Pending } from "../models/pending.js"
 * @import { Readiness } from "../models/readiness.js"
 *
 * @typedef {{ numbered: Numbered, typed: TypedFields, typedFor: string, pending: Pending[],
 *   readiness: Readiness, offset: number, muted: boolean, ringing: boolean, talking: boolean,
 *   online: boolean, over: boolean }} Page
 */
import { Store } from "../lib/store.js";
import { listen } from "../lib/keys.js";
import { NOTHING } from "../models/desk_state.js";
import { UNKNOWN } from "../models/readiness.js";
import { Connection } from "./connection.js";
import { Drafting } from "./drafting.js";
import { Phone } from "./phone.js";
import { startBar } from "./bar.js";
import { startCall } from "./call.js";
import { startCaptions } from "./captions.js";
import { startMissed } from "./missed.js";
import { startForm } from "./draft_form.js";
import { startRing } from "./ring.js";
import { startSaveBar } from "./save_bar.js";
import { startSide } from "./side.js";
import { startToasts } from "./toasts.js";
import { startWork } from "./work.js";

/** @param {HTMLElement} root */
export function startDesk(root) {
  /** @type {Page} */
  const atFirst = {
    numbered: NOTHING,
    typed: {},
    typedFor: "",
    pending: [],
    readiness: UNKNOWN,
    offset: 0,
    muted: false,
    ringing: false,
    talking: false,
    online: false,
    over: false,
  };
  const store = new Store(atFirst);
  const browserPhone = root.dataset["phone"] === "webrtc";
  const supervises = root.dataset["supervises"] === "yes";
  const toast = startToasts(root);
  const connection = new Connection(root.dataset["url"] ?? "", store, toast);
  const phone = new Phone(store, connection, { browserPhone, supervises, toast });
  const drafting = new Drafting(store, connection);
  const desk = { root, store, connection, phone, drafting, toast, browserPhone };
  const actions = {
    ...startBar(desk),
    ...startRing(desk),
    ...startCall(desk),
    ...startCaptions(desk),
    ...startForm(desk),
    ...startSaveBar(desk),
  };
  startSide(desk);
  startWork(desk);
  startMissed(desk);
  listen((action, index) => actions[action]?.(index));
  connection.open();
  // For scripted agents and for support: what the page holds, without a way to change it.
  Object.defineProperty(window, "hotlineDesk", { value: () => store.state });
}

/**
 * @typedef {{ root: HTMLElement, store: Store<Page>, connection: Connection, phone: Phone,
 *   drafting: Drafting, toast: (text: string, tone?: "bad" | "good" | "off") => void,
 *   browserPhone: boolean }} Desk
 * @typedef {Record<string, (index?: number) => void>} Actions
 */
