/** Starts every island found in the page. */
import { startCallState } from "./islands/call_state.js";
import { startDesk } from "./islands/desk.js";
import { startFind } from "./islands/find.js";
import { startPlayer } from "./islands/player.js";
import { startPrint } from "./islands/print.js";
import { startRefresh } from "./islands/refresh.js";
import { startStepActions } from "./islands/step_actions.js";
import { startWall } from "./islands/wall.js";
import { startWorklist } from "./islands/worklist.js";

/** @type {Record<string, (element: HTMLElement) => void>} */
const ISLANDS = {
  call_state: startCallState,
  desk: startDesk,
  find: startFind,
  player: startPlayer,
  print: startPrint,
  refresh: startRefresh,
  steps: startStepActions,
  wall: startWall,
  worklist: startWorklist,
};

for (const element of document.querySelectorAll("[data-island]")) {
  const start = ISLANDS[element.getAttribute("data-island") ?? ""];
  if (start && element instanceof HTMLElement) start(element);
}
