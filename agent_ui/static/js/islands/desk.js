/**
 * The desk: one store, one socket, one telephone, and the islands that show them.
 * @import { Numbered } from "../models/desk_state.js"
 * @import { TypedFields } from "../models/draft_form.js"
 * @import { Pending } from "../models/pending.js"
 * @import { Readiness } from "../models/readiness.js"
 * @import { Sound } from "./source_audio.js"
 *
 * matter: the matter in front, 0 for the first that is open; typed: by matter.
 * @typedef {{ numbered: Numbered, matter: number, typed: Record<number, TypedFields>,
 *   typedFor: string, pending: Pending[],
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
import { startAlike } from "./alike.js";
import { startBar } from "./bar.js";
import { startCall } from "./call.js";
import { startCaptions } from "./captions.js";
import { startMissed } from "./missed.js";
import { startForm } from "./draft_form.js";
import { startPlaceMap } from "./place_map.js";
import { startRing } from "./ring.js";
import { startSaveBar } from "./save_bar.js";
import { startSide } from "./side.js";
import { startSound } from "./source_audio.js";
import { startToasts } from "./toasts.js";
import { startTripwires } from "./tripwires.js";
import { startWork } from "./work.js";

/** @param {HTMLElement} root */
export function startDesk(root) {
  /** @type {Page} */
  const atFirst = {
    numbered: NOTHING,
    matter: 0,
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
  const sound = startSound(root, store, toast);
  const desk = { root, store, connection, phone, drafting, toast, browserPhone, sound };
  const actions = {
    ...startBar(desk),
    ...startRing(desk),
    ...startCall(desk),
    ...startCaptions(desk),
    ...startForm(desk),
    ...startAlike(desk),
    ...startPlaceMap(desk),
    ...startSaveBar(desk),
  };
  startTripwires(desk);
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
 *   browserPhone: boolean, sound: Sound }} Desk
 * @typedef {Record<string, (index?: number) => void>} Actions
 */
