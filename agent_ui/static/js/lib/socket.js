/**
 * The desk's socket: comes back by itself, asks for a snapshot after a gap, measures its way.
 *
 * @typedef {(message: any) => void} OnMessage
 * @typedef {{ onMessage: OnMessage, onState: (state: "open" | "lost" | "over") => void,
 *   onLatency: (ms: number, sentAt: number, receivedAt: number, serverTime: string) => void }} Ears
 */
const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 5000;
const PING_MS = 5000;
/** Without a pong for this long the way is dead although nobody said so (a sleeping notebook). */
const SILENCE_MS = 12000;
const SESSION_OVER = 4401;

export class DeskSocket {
  #url;
  #ears;
  /** @type {WebSocket | null} */
  #socket = null;
  #wait = FIRST_WAIT_MS;
  #next = 0;
  #heardAt = 0;
  /** @type {Map<string, number>} */
  #pings = new Map();
  #session = crypto.randomUUID().slice(0, 8);

  /** @param {string} url @param {Ears} ears */
  constructor(url, ears) {
    this.#url = url;
    this.#ears = ears;
    setInterval(() => this.#ping(), PING_MS);
    addEventListener("online", () => this.#reopen());
  }

  open() {
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    socket.onopen = () => {
      this.#wait = FIRST_WAIT_MS;
      this.#heardAt = performance.now();
      this.#pings.clear();
      this.#ears.onState("open");
      this.#ping();
    };
    socket.onmessage = ({ data }) => this.#take(JSON.parse(data));
    socket.onclose = ({ code }) => {
      if (this.#socket === socket) void this.#lost(code);
    };
  }

  /** @param {{ type: string } & Record<string, unknown>} message @returns {string} its id, or "" */
  send(message) {
    if (this.#socket?.readyState !== WebSocket.OPEN) return "";
    const id = `${this.#session}-${(this.#next += 1)}`;
    this.#socket.send(JSON.stringify({ ...message, id }));
    return id;
  }

  resync() {
    this.send({ type: "resync" });
  }

  /** @param {any} message */
  #take(message) {
    this.#heardAt = performance.now();
    if (message.type !== "pong") return this.#ears.onMessage(message);
    const sentAt = this.#pings.get(message.id);
    this.#pings.delete(message.id);
    if (sentAt === undefined) return;
    const now = Date.now();
    this.#ears.onLatency(now - sentAt, sentAt, now, message.server_time);
  }

  #ping() {
    if (this.#socket?.readyState !== WebSocket.OPEN) return;
    if (performance.now() - this.#heardAt > SILENCE_MS) return this.#reopen();
    const sentAt = Date.now();
    const id = this.send({ type: "ping" });
    if (id) this.#pings.set(id, sentAt);
  }

  #reopen() {
    const old = this.#socket;
    this.#socket = null;
    old?.close();
    this.#ears.onState("lost");
    this.open();
  }

  /** @param {number} code */
  async #lost(code) {
    this.#ears.onState("lost");
    if (code === SESSION_OVER || !(await hasSession())) return this.#ears.onState("over");
    setTimeout(() => this.open(), this.#wait * (0.7 + Math.random() * 0.6));
    this.#wait = Math.min(this.#wait * 2, LONGEST_WAIT_MS);
  }
}

/** The browser hides why a handshake failed; a plain request tells "log in again" from "away". */
async function hasSession() {
  try {
    const answer = await fetch("/api/session", { headers: { Accept: "application/json" } });
    return answer.status !== 401;
  } catch {
    return true;
  }
}
