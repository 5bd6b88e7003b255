/**
 * The left column: the call in hand and the drafts still owed.
 * @import { Desk } from "./desk.js"
 * @import { WorkItem } from "../types.js"
 */
import { el, icon, role } from "../lib/dom.js";
import { t } from "../lib/texts.js";

/** @param {Desk} desk */
export function startWork({ root, store }) {
  const list = role("work", root);
  store.watch(({ numbered }, before) => {
    const desk = numbered.desk;
    if (!desk || (desk.work === before.numbered.desk?.work && list.children.length)) return;
    role("work-empty", root).hidden = desk.work.length > 0;
    list.replaceChildren(...desk.work.map(item));
  });
}

/** @param {WorkItem} work */
function item(work) {
  const at = new Date(work.since).toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit" });
  const name = work.kind === "draft" ? t("未提交草稿") : t("待回拨");
  return el(
    "li",
    {},
    el(
      "a",
      { href: `/cases/${work.item_id}`, target: "_blank", rel: "noopener" },
      icon(work.kind === "draft" ? "pen" : "phone"),
      el("span", {}, work.title || name),
      el("span", { class: "small soft number" }, at),
    ),
  );
}
