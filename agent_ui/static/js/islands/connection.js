/**
 * The socket's part of the desk: numbered messages into the store, clicks out and answered.
 * @import { Store } from "../lib/store.js"
 * @import { Page } from "./desk.js"
 */
import { DeskSocket } from "../lib/socket.js";
import { t } from "../lib/texts.js";
import { applyMessage } from "../models/desk_state.js";
import * as pending from "../models/pending.js";
import { clockOffset } from "../models/timers.js";

export class Connection {
  #store;
  #socket;
  #toast;
  /** @type {Map<string, (answer: any) => void>} */
  #waiting = new Map();
  #resyncing = false;

  /** @param {string} url @param {Store<Page>} store
   * @param {(text: string, tone?: "bad" | "good" | "off") => void} toast */
  constructor(url, store, toast) {
    this.#store = store;
    this.#toast = toast;
    this.#socket = new DeskSocket(url, {
      onMessage: (message) => this.#take(message),
      onState: (state) => this.#changed(state),
      onLatency: (ms, sentAt, receivedAt, serverTime) => {
        const readiness = { ...store.state.readiness, latencyMs: ms };
        store.set({ readiness, offset: clockOffset(sentAt, receivedAt, serverTime) });
      },
    });
    setInterval(() => this.#expire(), 1000);
  }

  open() {
    this.#socket.open();
  }

  /** The server's time in ms. */
  now() {
    return Date.now() + this.#store.state.offset;
  }

  /** A click: pending until the state shows it.
   * @param {{ type: string } & Record<string, unknown>} message */
  click(message) {
    const id = this.#socket.send(message);
    if (!id) return this.#toast(t("连接中断，操作没有发出"), "bad");
    const click = { id, type: message.type, sentAt: Date.now() };
    this.#store.set({ pending: pending.add(this.#store.state.pending, click) });
  }

  /** A question: its answer's data, or null when it was refused or the socket is away.
   * @param {{ type: string } & Record<string, unknown>} message @returns {Promise<any>} */
  ask(message) {
    const id = this.#socket.send(message);
    if (!id) return Promise.resolve(null);
    return new Promise((resolve) => this.#waiting.set(id, resolve));
  }

  /** Something the server need not answer. @param {{ type: string } & Record<string, unknown>} m */
  tell(m) {
    return this.#socket.send(m) !== "";
  }

  /** @param {any} message */
  #take(message) {
    if (message.type === "result") return this.#answer(message);
    if (message.type === "snapshot") this.#resyncing = false;
    if (this.#resyncing) return;
    const next = applyMessage(this.#store.state.numbered, message);
    if (next === "resync") {
      this.#resyncing = true;
      return this.#socket.resync();
    }
    const desk = next.desk;
    const list = this.#store.state.pending;
    this.#store.set({ numbered: next, pending: desk ? pending.confirm(list, desk) : list });
    if (message.type === "event") this.#special(message.event);
  }

  /** @param {any} event */
  #special(event) {
    if (event.kind === "refused") this.#fail(event.id, event.message);
    if (event.kind === "done") this.#drop(event.id);
  }

  /** @param {any} message */
  #answer(message) {
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    waiting?.(message.ok ? message.data : null);
    if (!message.ok) return this.#fail(message.id, message.message);
    const click = this.#store.state.pending.find((one) => one.id === message.id);
    if (click && pending.endsWithAnswer(click)) this.#drop(message.id);
  }

  /** @param {string} id */
  #drop(id) {
    this.#store.set({ pending: pending.drop(this.#store.state.pending, id) });
  }

  /** @param {string} id @param {string} message */
  #fail(id, message) {
    this.#drop(id);
    this.#toast(t(message), "bad");
  }

  #expire() {
    const { kept, late } = pending.expire(this.#store.state.pending, Date.now());
    if (late.length === 0) return;
    this.#store.set({ pending: kept });
    this.#toast(t("操作没有得到回应，请再试一次"), "bad");
  }

  /** @param {"open" | "lost" | "over"} state */
  #changed(state) {
    /** @type {"ok" | "bad" | "wait"} */
    const socket = state === "open" ? "ok" : state === "over" ? "bad" : "wait";
    const readiness = { ...this.#store.state.readiness, socket };
    this.#store.set({ readiness, online: state === "open", over: state === "over" });
    if (state === "open") return;
    this.#resyncing = false;
    for (const resolve of this.#waiting.values()) resolve(null);
    this.#waiting.clear();
  }
}
