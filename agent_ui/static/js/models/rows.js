/**
 * Which row the keys lead to: arrows within a list, Alt+arrows from anywhere. No DOM.
 * Bare letters mean nothing here: they belong to the Chinese input method.
 *
 * @typedef {{ key: string, code: string, altKey: boolean, ctrlKey: boolean, metaKey: boolean,
 *   shiftKey: boolean, isComposing: boolean }} Keys
 */

/**
 * The row after this key, or null when the key is not for the list.
 * @param {Keys} keys @param {number} now the row in focus, -1 for none @param {number} count
 * @param {boolean} typing whether the person is writing somewhere
 */
export function rowAfter(keys, now, count, typing) {
  if (count === 0 || keys.isComposing || keys.ctrlKey || keys.metaKey || keys.shiftKey) return null;
  if (!keys.altKey && (typing || now < 0)) return null;
  const last = count - 1;
  if (keys.key === "ArrowDown") return Math.min(now + 1, last);
  if (keys.key === "ArrowUp") return Math.max(now - 1, 0);
  if (!keys.altKey && keys.key === "Home") return 0;
  if (!keys.altKey && keys.key === "End") return last;
  return null;
}

/** The place of an Alt+digit action, from 0; null for other keys. @param {Keys} keys */
export function actionOf(keys) {
  if (!keys.altKey || keys.isComposing || keys.ctrlKey || keys.metaKey) return null;
  const digit = /^Digit([1-9])$/.exec(keys.code);
  return digit ? Number(digit[1]) - 1 : null;
}
