/**
 * Where it is: the candidates for the place on a plain map of the gazetteer's own points, with the
 * question that tells them apart. No tiles: nothing is fetched from anywhere but this server.
 * @import { Desk, Actions } from "./desk.js"
 * @import { PlaceChoice } from "../models/drafts.js"
 */
import { el, icon, role, setText } from "../lib/dom.js";
import { t } from "../lib/texts.js";
import { meantPoint, openDraft, placeChoices } from "../models/drafts.js";
import { PlainMap } from "../lib/plain_map.js";

/** @param {string} kind */
function kindName(kind) {
  /** @type {Record<string, string>} */
  const names = {
    town: t("镇街"),
    village: t("村"),
    community: t("社区小区"),
    road: t("道路"),
    river: t("河道"),
    landmark: t("地标"),
    city: t("城市"),
  };
  return names[kind] ?? kind;
}

/** @param {Desk} desk @returns {Actions} */
export function startPlaceMap({ root, store, connection }) {
  const list = role("places", root);
  const map = new PlainMap(role("map", root));
  let at = 0;
  let shown = "";
  const choices = () => placeChoices(openDraft(store.state));
  const mark = () => {
    [...list.children].forEach((line, index) => line.classList.toggle("marked", index === at));
    const one = choices()[at];
    if (one) map.mark(one.place_id);
  };
  const choose = (/** @type {PlaceChoice | undefined} */ one) => {
    const draft = openDraft(store.state);
    const call_id = store.state.numbered.desk?.call?.call_id;
    if (!one || !call_id || draft?.status !== "DRAFT") return;
    const order = { type: "choose_place", call_id, case_id: draft.case_id };
    connection.click({ ...order, place_id: one.place_id });
  };
  const move = (/** @type {number} */ step) => {
    const count = choices().length;
    if (count === 0) return;
    at = (at + step + count) % count;
    root.dispatchEvent(new CustomEvent("open-tab", { detail: "tab-map" }));
    mark();
  };

  store.watch((page) => {
    const draft = openDraft(page);
    const found = placeChoices(draft);
    const point = meantPoint(draft);
    const key = JSON.stringify([found, point, draft?.question ?? ""]);
    if (shown === key) return;
    shown = key;
    at = 0;
    role("places-empty", root).hidden = found.length > 0;
    role("map", root).hidden = found.every((one) => one.lat === null);
    const ask = role("place-question", root);
    ask.hidden = !draft?.question;
    setText(ask, draft?.question ? `${t("可以问")}：${draft.question}` : "");
    list.replaceChildren(...found.map((one, index) => line(one, index, choose)));
    void map.show(found, point, (id) => choose(found.find((one) => one.place_id === id)));
    mark();
  });
  root.addEventListener("tab-open", () => map.fit());
  return {
    place_before: () => move(-1),
    place_after: () => move(1),
    choose_place: () => choose(choices()[at]),
  };
}

/** @param {PlaceChoice} one @param {number} index @param {(one: PlaceChoice) => void} choose */
function line(one, index, choose) {
  const pick = el("button", { type: "button", class: "place-pick", "data-place": one.place_id });
  pick.append(
    el("span", { class: "place-number" }, String(index + 1)),
    el("span", { class: "place-name" }, one.value),
    ...(one.chosen ? [icon("check")] : [el("span")]),
    el("span", { class: "number place-score" }, `${Math.round(one.score * 100)}%`),
    el("span", { class: "small soft place-facts" }, facts(one)),
  );
  pick.setAttribute("aria-pressed", String(one.chosen));
  pick.addEventListener("click", () => choose(one));
  return el("li", {}, pick);
}

/** @param {PlaceChoice} one */
function facts(one) {
  const parts = [kindName(one.kind)];
  if (one.town && one.town !== one.value) parts.push(one.town);
  if (!one.local) parts.push(t("非本市"));
  if (!one.exact) parts.push(t("音近：听到“{words}”", { words: one.words }));
  return parts.join(" · ");
}
