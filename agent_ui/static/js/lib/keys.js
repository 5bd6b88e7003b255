/** Keyboard shortcuts of the desk: hands each known key to its action. */
import { shortcutOf, throttle } from "../models/shortcuts.js";

const HANG_UP_PAUSE_MS = 1000;

/** @param {(action: string, index?: number) => void} act */
export function listen(act) {
  const mayHangUp = throttle(HANG_UP_PAUSE_MS);
  addEventListener("keydown", (event) => {
    const shortcut = shortcutOf(event);
    if (!shortcut) return;
    event.preventDefault();
    if (shortcut.action === "hang_up" && !mayHangUp(performance.now())) return;
    act(shortcut.action, shortcut.index);
  });
}
