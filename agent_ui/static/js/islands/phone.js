/**
 * The telephone's part of the desk: tests, registration, ring, mute, and coming back in mid-call.
 * @import { Store } from "../lib/store.js"
 * @import { Page } from "./desk.js"
 * @import { Connection } from "./connection.js"
 * @import { Light } from "../models/readiness.js"
 */
import { testMicrophone } from "../lib/microphone.js";
import { Softphone } from "../lib/softphone.js";
import { t } from "../lib/texts.js";

const MUTED_KEY = "hotline-muted-call";
const AGAIN_MS = 3000;
/** Who hangs up is told to the phone a moment before it is told to the desk. */
const NEWS_MS = 1500;
const TALKING = ["TALKING", "HELD"];

export class Phone {
  #store;
  #connection;
  #phone;
  #toast;
  #browserPhone;
  #opened = false;
  #reattachedFor = "";
  #hadSoundFor = "";
  #waiting = 0;
  micLevel = 0;

  /** @param {Store<Page>} store @param {Connection} connection
   * @param {{ browserPhone: boolean, supervises: boolean,
   *   toast: (text: string, tone?: "bad" | "good" | "off") => void }} options */
  constructor(store, connection, { browserPhone, supervises, toast }) {
    this.#store = store;
    this.#connection = connection;
    this.#toast = toast;
    this.#browserPhone = browserPhone;
    this.#phone = new Softphone({
      onRegistered: (ok, problem) => this.#registered(ok, problem),
      onRing: (ringing) => {
        store.set({ ringing });
        // No call is offered: it is the supervisor's own listening that rings.
        if (ringing && supervises && !store.state.numbered.desk?.call) this.#phone.answer();
      },
      onTalk: (talking) => store.set({ talking }),
      onProblem: (problem) => toast(`${t("电话出错")}：${problem}`, "bad"),
    });
    if (!browserPhone) {
      this.#light({ sip: "off", mic: "off" });
      return;
    }
    void this.#testMicrophone();
    store.watch((page) => this.#follow(page));
    navigator.mediaDevices?.addEventListener("devicechange", () => void this.#testMicrophone());
  }

  answer() {
    const call = this.#store.state.numbered.desk?.call;
    if (call?.state !== "OFFERED") return;
    if (!this.#browserPhone) return this.#toast(t("请在话机上接听"), "off");
    if (!this.#phone.answer()) this.#phone.expect();
  }

  hangUpLeg() {
    this.#phone.hangUp();
  }

  toggleMute() {
    const muted = !this.#store.state.muted;
    this.#phone.mute(muted);
    this.#store.set({ muted });
    const call = this.#store.state.numbered.desk?.call;
    if (muted && call) sessionStorage.setItem(MUTED_KEY, call.call_id);
    else sessionStorage.removeItem(MUTED_KEY);
  }

  /** @param {Page} page */
  #follow(page) {
    if (page.online && !this.#opened) {
      this.#opened = true;
      void this.#open();
    }
    const call = page.numbered.desk?.call ?? null;
    const talking = call !== null && TALKING.includes(call.state);
    if (page.muted && !talking) {
      this.#phone.mute(false);
      sessionStorage.removeItem(MUTED_KEY);
      this.#store.set({ muted: false });
    }
    this.#comeBack(page, talking ? (call?.call_id ?? "") : "");
  }

  /** The server says that we talk and this browser has no sound: it was reloaded in mid-call.
   * @param {Page} page @param {string} callId */
  #comeBack(page, callId) {
    if (page.talking || callId === "") {
      this.#reattachedFor = "";
      this.#hadSoundFor = page.talking ? callId : "";
      clearTimeout(this.#waiting);
      this.#waiting = 0;
      return;
    }
    if (this.#hadSoundFor === callId) {
      // The call has perhaps just ended: believe in a lost line only when no such news follows.
      this.#waiting ||= setTimeout(() => this.#lineLost(callId), NEWS_MS);
      return;
    }
    if (page.readiness.sip !== "ok" || !page.online || page.ringing) return;
    if (this.#reattachedFor === callId) return;
    this.#reattachedFor = callId;
    if (sessionStorage.getItem(MUTED_KEY) === callId) this.#store.set({ muted: true });
    this.#phone.mute(this.#store.state.muted);
    this.#phone.expect();
    this.#connection.tell({ type: "reattach", call_id: callId });
    setTimeout(() => (this.#reattachedFor = ""), AGAIN_MS * 2);
  }

  /** @param {string} callId */
  #lineLost(callId) {
    this.#waiting = 0;
    this.#hadSoundFor = "";
    const page = this.#store.state;
    if (page.online) this.#toast(t("电话断开，正在为您接回通话"), "bad");
    if (page.numbered.desk?.call?.call_id === callId) this.#follow(page);
  }

  async #open() {
    const access = await this.#connection.ask({ type: "open_softphone" });
    if (access) return this.#phone.register(access);
    this.#light({ sip: "bad" });
    this.#openAgain();
  }

  #openAgain() {
    setTimeout(() => {
      if (this.#store.state.online) void this.#open();
      else this.#opened = false;
    }, AGAIN_MS);
  }

  /** @param {boolean} ok @param {string} problem */
  #registered(ok, problem) {
    this.#light({ sip: ok ? "ok" : "bad" });
    // A telephone system that was restarted may have forgotten us: have it told again.
    if (!ok && problem !== "disconnected" && problem !== "no_library") this.#openAgain();
    if (problem === "no_library") this.#toast(t("软电话组件未安装，请联系管理员"), "bad");
  }

  async #testMicrophone() {
    if (!this.#browserPhone) return;
    await testMicrophone((live, level) => {
      this.micLevel = level;
      if (this.#store.state.readiness.mic !== live) this.#light({ mic: live });
    });
  }

  /** @param {{ sip?: Light, mic?: Light }} lights */
  #light(lights) {
    this.#store.set({ readiness: { ...this.#store.state.readiness, ...lights } });
  }
}
