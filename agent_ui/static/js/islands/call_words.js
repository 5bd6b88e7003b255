/**
 * A call's line, language and way through the menu in words.
 * @import { CallView } from "../types.js"
 */
import { t } from "../lib/texts.js";

/** @type {Record<string, string>} */
const LANGUAGES = { zh: "普通话", en: "英语" };

/** @param {CallView} call */
export function lineText(call) {
  const callback = call.direction === "OUTBOUND" ? t("回拨") : "";
  return [callback, call.line_name, languageText(call)].filter(Boolean).join(" · ");
}

/** @param {CallView} call */
export function languageText(call) {
  return t(LANGUAGES[call.language] ?? call.language);
}

/** @param {CallView} call */
export function pathText(call) {
  return call.menu_path.map((step) => t(MENU_WORDS[step] ?? step)).join(" › ");
}

/** @type {Record<string, string>} */
const MENU_WORDS = {
  main: "主菜单",
  consult: "咨询",
  complain: "投诉求助",
  complaint: "投诉求助",
  progress: "查询进度",
  praise: "表扬建议",
  suggest: "表扬建议",
  person: "人工",
  direct: "直通人工",
  silence: "未按键",
  wrong: "按键有误",
};
