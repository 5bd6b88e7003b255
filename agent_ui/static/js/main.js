/** Starts every island found in the page. */
import { startDesk } from "./islands/desk.js";
import { startPlayer } from "./islands/player.js";
import { startRefresh } from "./islands/refresh.js";

/** @type {Record<string, (element: HTMLElement) => void>} */
const ISLANDS = { desk: startDesk, player: startPlayer, refresh: startRefresh };

for (const element of document.querySelectorAll("[data-island]")) {
  const start = ISLANDS[element.getAttribute("data-island") ?? ""];
  if (start && element instanceof HTMLElement) start(element);
}
