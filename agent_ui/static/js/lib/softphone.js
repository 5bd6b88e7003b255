/**
 * The telephone in the browser: registers with JsSIP, shows what rings, answers, mutes, hangs up.
 *
 * @typedef {{ user: string, secret: string, port: number, path: string, register_seconds: number }}
 *   Access
 * @typedef {{ onRegistered: (ok: boolean, problem: string) => void,
 *   onRing: (ringing: boolean) => void, onTalk: (talking: boolean) => void,
 *   onProblem: (problem: string) => void }} PhoneEars
 */
const PLAIN_AUDIO = { audio: { echoCancellation: true, noiseSuppression: true }, video: false };

export class Softphone {
  #ears;
  /** @type {any} */
  #agent = null;
  /** @type {any} */
  #session = null;
  #audio = new Audio();
  #muted = false;
  /** When set, the next ring is our own call coming back after a reload: it is answered at once. */
  #expecting = false;

  /** @param {PhoneEars} ears */
  constructor(ears) {
    this.#ears = ears;
    this.#audio.autoplay = true;
  }

  /** @param {Access} access */
  register(access) {
    this.#agent?.stop();
    const JsSIP = /** @type {any} */ (window)["JsSIP"];
    if (!JsSIP) return this.#ears.onRegistered(false, "no_library");
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const host = location.hostname;
    const socket = new JsSIP.WebSocketInterface(`${scheme}://${host}:${access.port}${access.path}`);
    const agent = new JsSIP.UA({
      sockets: [socket],
      uri: `sip:${access.user}@${host}`,
      password: access.secret,
      register: true,
      register_expires: access.register_seconds,
      session_timers: false,
      connection_recovery_min_interval: 1,
      connection_recovery_max_interval: 5,
    });
    agent.on("registered", () => this.#ears.onRegistered(true, ""));
    agent.on("unregistered", () => this.#ears.onRegistered(false, "unregistered"));
    agent.on("disconnected", () => this.#ears.onRegistered(false, "disconnected"));
    agent.on("registrationFailed", (/** @type {any} */ event) =>
      this.#ears.onRegistered(false, String(event.cause ?? "failed")),
    );
    agent.on("newRTCSession", (/** @type {any} */ event) => this.#meet(event.session));
    this.#agent = agent;
    agent.start();
  }

  get isRinging() {
    return this.#session !== null && this.#session.isEstablished?.() !== true;
  }

  get isTalking() {
    return this.#session?.isEstablished?.() === true;
  }

  get isMuted() {
    return this.#muted;
  }

  answer() {
    if (!this.isRinging) return false;
    try {
      this.#session.answer({ mediaConstraints: PLAIN_AUDIO, pcConfig: { iceServers: [] } });
    } catch (error) {
      this.#ears.onProblem(String(error));
      return false;
    }
    return true;
  }

  /** Our own call is coming back: answer the next ring without asking. */
  expect() {
    this.#expecting = true;
    if (this.isRinging) this.answer();
  }

  hangUp() {
    try {
      this.#session?.terminate();
    } catch {
      this.#session = null; // it had ended already
    }
  }

  /** @param {boolean} muted */
  mute(muted) {
    this.#muted = muted;
    if (!this.isTalking) return;
    if (muted) this.#session.mute({ audio: true });
    else this.#session.unmute({ audio: true });
  }

  stop() {
    this.#agent?.stop();
  }

  /** @param {any} session */
  #meet(session) {
    if (session.direction !== "incoming") return;
    if (this.#session) return session.terminate({ status_code: 486 });
    this.#session = session;
    session.on("peerconnection", (/** @type {any} */ event) => this.#hear(event.peerconnection));
    session.on("confirmed", () => this.#talk());
    session.on("ended", () => this.#end(session));
    session.on("failed", (/** @type {any} */ event) => {
      this.#end(session);
      if (event.originator === "local" && event.cause !== "Canceled") {
        this.#ears.onProblem(String(event.cause));
      }
    });
    if (this.#expecting) this.answer();
    else this.#ears.onRing(true);
  }

  #talk() {
    this.#expecting = false;
    if (this.#muted) this.mute(true);
    this.#ears.onRing(false);
    this.#ears.onTalk(true);
  }

  /** @param {any} session */
  #end(session) {
    if (this.#session !== session) return;
    this.#session = null;
    this.#audio.srcObject = null;
    this.#ears.onRing(false);
    this.#ears.onTalk(false);
  }

  /** @param {RTCPeerConnection} connection */
  #hear(connection) {
    connection.addEventListener("track", ({ streams, track }) => {
      this.#audio.srcObject = streams[0] ?? new MediaStream([track]);
      void this.#audio.play().catch((error) => this.#ears.onProblem(String(error)));
    });
  }
}
