/**
 * Which key means what: F keys and Alt only, because a bare letter belongs to the Chinese input
 * method (and WCAG 2.1.4). No DOM.
 *
 * @typedef {{ key: string, code: string, altKey: boolean, ctrlKey: boolean, metaKey: boolean,
 *   shiftKey: boolean, isComposing: boolean, repeat: boolean }} Keys
 * @typedef {{ action: string, index?: number }} Shortcut
 */

/** @type {Record<string, string>} */
const FUNCTION_KEYS = {
  F2: "answer",
  F4: "hold",
  F6: "mute",
  F7: "consult",
  F8: "three_way",
  F9: "hang_up",
};

/** Physical keys, so that Alt+S is Alt+S whatever the input method makes of it.
 * @type {Record<string, string>} */
const ALT_KEYS = {
  KeyS: "save",
  KeyD: "submit",
  KeyA: "submit_answered",
  KeyR: "ready",
  KeyP: "play_source",
  KeyU: "take_suggestion",
  KeyZ: "undo_edit",
  KeyJ: "join_case",
  KeyN: "not_same",
  KeyM: "next_matter",
  ArrowUp: "place_before",
  ArrowDown: "place_after",
  Enter: "choose_place",
  Slash: "help",
};

/** The list for the help panel and for print.
 * @type {readonly (readonly [string, string])[]} */
export const KEY_LIST = [
  ["F2", "接听"],
  ["F4", "保持／取回"],
  ["F6", "静音／取消静音"],
  ["F7", "咨询"],
  ["F8", "三方通话"],
  ["F9", "挂机"],
  ["Alt+1…9", "跳到第几个字段"],
  ["Alt+P", "播放此字段的来源"],
  ["Alt+U", "采用机器建议"],
  ["Alt+Z", "撤销此字段的修改"],
  ["Alt+↑／↓", "上一个／下一个候选地点"],
  ["Alt+Enter", "选定候选地点"],
  ["Alt+J", "并入最相似的工单"],
  ["Alt+N", "最相似的不是同一件事"],
  ["Alt+M", "切换到此通话的另一件事项"],
  ["Alt+S", "立即保存草稿"],
  ["Alt+D", "提交派单"],
  ["Alt+A", "直接答复办结"],
  ["Alt+R", "就绪／完成话后处理"],
  ["Alt+/", "快捷键列表"],
];

/** @param {Keys} keys @returns {Shortcut | null} */
export function shortcutOf(keys) {
  if (keys.isComposing || keys.repeat || keys.ctrlKey || keys.metaKey) return null;
  if (!keys.altKey && !keys.shiftKey) {
    const action = FUNCTION_KEYS[keys.key];
    return action ? { action } : null;
  }
  if (!keys.altKey || keys.shiftKey) return null;
  const digit = /^Digit([1-9])$/.exec(keys.code);
  if (digit) return { action: "field", index: Number(digit[1]) - 1 };
  const action = ALT_KEYS[keys.code];
  return action ? { action } : null;
}

/** Lets an action through at most once in `pauseMs`; hang-up is not to be hit twice in a panic.
 * @param {number} pauseMs */
export function throttle(pauseMs) {
  let last = -Infinity;
  return (/** @type {number} */ now) => {
    if (now - last < pauseMs) return false;
    last = now;
    return true;
  };
}
