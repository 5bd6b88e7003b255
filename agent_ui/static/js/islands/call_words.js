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
  consult_insurance: "社保医保",
  consult_papers: "户籍证件",
  consult_housing: "住房",
  complain: "投诉求助",
  complain_city: "城市管理",
  complain_wages: "欠薪",
  complain_consumer: "消费纠纷",
  complain_utilities: "水电气",
  case_number: "查询进度",
  phone_tail: "核对号码",
  case_lookup: "查询进度",
  praise: "表扬建议",
  suggest: "表扬建议",
  person: "人工",
};
