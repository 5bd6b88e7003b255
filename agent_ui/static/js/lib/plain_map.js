/**
 * A map without tiles: the gazetteer's points around some candidates, with a scale. Leaflet draws
 * it where the library was laid down; without it the page has the list beside it.
 * @import { PlaceChoice } from "../models/drafts.js"
 *
 * @typedef {{ id: string, name: string, kind: string, lat: number, lon: number }} Neighbour
 */

const NEAREST_ZOOM = 16;
const PADDING = 26;
/** The nearest roads have their names on the map; more names would hide each other. */
const NAMED_ROADS = 5;
/** Kinds of places that are drawn large enough to find one's way by.
 * @type {Record<string, number>} */
const RADIUS = { town: 6, road: 4, river: 4, village: 3, community: 3, landmark: 3 };

/** The library, as far as it is used. */
const leaflet = () => /** @type {any} */ (globalThis).L;

export class PlainMap {
  #box;
  /** @type {any} */
  #map = null;
  /** @type {any} */
  #layer = null;
  /** @type {Map<string, any>} */
  #marks = new Map();
  /** @type {any} */
  #bounds = null;
  #asked = "";

  /** @param {HTMLElement} box */
  constructor(box) {
    this.#box = box;
  }

  /**
   * @param {PlaceChoice[]} choices @param {{ lat: number, lon: number } | null} meant
   * @param {(placeId: string) => void} onChoose
   */
  async show(choices, meant, onChoose) {
    const L = leaflet();
    const placed = choices.filter((one) => one.lat !== null && one.lon !== null);
    if (!L || placed.length === 0) return;
    this.#make(L);
    this.#layer.clearLayers();
    this.#marks.clear();
    const points = placed.map((one) => [one.lat, one.lon]);
    placed.forEach((one) => this.#candidate(L, one, choices.indexOf(one) + 1, onChoose));
    if (meant) {
      points.push([meant.lat, meant.lon]);
      L.circleMarker([meant.lat, meant.lon], { radius: 11, className: "map-meant" }).addTo(this.#layer);
    }
    this.#bounds = L.latLngBounds(points);
    this.fit();
    await this.#neighbours(L, placed);
  }

  /** Show every candidate; also after the map was hidden and has a size again. */
  fit() {
    if (!this.#map || !this.#bounds || this.#box.clientWidth === 0) return;
    this.#map.invalidateSize({ animate: false });
    const options = { padding: [PADDING, PADDING], maxZoom: NEAREST_ZOOM, animate: false };
    this.#map.fitBounds(this.#bounds, options);
  }

  /** @param {string} placeId */
  mark(placeId) {
    for (const [id, mark] of this.#marks) {
      mark.getElement()?.classList.toggle("marked", id === placeId);
    }
  }

  /** @param {any} L */
  #make(L) {
    if (this.#map) return;
    const options = { attributionControl: false, zoomControl: true, keyboard: false };
    this.#map = L.map(this.#box, { ...options, zoomSnap: 0.5 }).setView([0, 0], 2);
    L.control.scale({ imperial: false }).addTo(this.#map);
    this.#layer = L.layerGroup().addTo(this.#map);
    new ResizeObserver(() => this.fit()).observe(this.#box);
  }

  /** @param {any} L @param {PlaceChoice} one @param {number} number
   * @param {(placeId: string) => void} onChoose */
  #candidate(L, one, number, onChoose) {
    const icon = L.divIcon({ className: "map-candidate", html: String(number), iconSize: [24, 24] });
    const options = { icon, title: one.value, alt: one.value, zIndexOffset: 1000 - number };
    const mark = L.marker([one.lat, one.lon], options).addTo(this.#layer);
    mark.on("click", () => onChoose(one.place_id));
    this.#marks.set(one.place_id, mark);
  }

  /** What lies around the candidates, so that a person finds his way.
   * @param {any} L @param {PlaceChoice[]} placed */
  async #neighbours(L, placed) {
    const near = placed.map((one) => `${one.lat},${one.lon}`).join(";");
    this.#asked = near;
    const answer = await fetch(`/api/places?near=${encodeURIComponent(near)}`, {
      headers: { Accept: "application/json" },
    }).catch(() => null);
    if (!answer?.ok || this.#asked !== near) return;
    /** @type {Neighbour[]} */
    const found = await answer.json();
    const candidates = new Set(placed.map((one) => one.place_id));
    const others = found.filter((place) => !candidates.has(place.id));
    const roads = others.filter((place) => place.kind === "road").slice(0, NAMED_ROADS);
    for (const one of others) {
      const dot = { radius: RADIUS[one.kind] ?? 3, className: `map-dot map-${one.kind}` };
      const point = L.circleMarker([one.lat, one.lon], dot).addTo(this.#layer);
      const named = { permanent: one.kind === "town" || roads.includes(one), direction: "right" };
      point.bindTooltip(one.name, { ...named, className: `map-name map-name-${one.kind}` });
    }
  }
}
