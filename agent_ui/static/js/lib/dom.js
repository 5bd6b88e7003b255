/** Small hands for the document. Text always goes in as text, never as HTML. */

/**
 * The one element with this data-role; a page without it is a mistake in a template.
 * @param {string} role @param {ParentNode} [root] @returns {HTMLElement}
 */
export function role(role, root = document) {
  const found = root.querySelector(`[data-role="${role}"]`);
  if (found === null) throw new Error(`no element with role ${role}`);
  return /** @type {HTMLElement} */ (found);
}

/** @param {string} role @param {ParentNode} [root] @returns {HTMLButtonElement} */
export function button(role, root = document) {
  const found = root.querySelector(`button[data-role="${role}"]`);
  if (!(found instanceof HTMLButtonElement)) throw new Error(`no button with role ${role}`);
  return found;
}

/**
 * @param {string} tag
 * @param {Record<string, string | boolean | null>} [attributes] true: present, false or null: absent
 * @param {...(Node | string)} children
 * @returns {HTMLElement}
 */
export function el(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) made.setAttribute(name, "");
    else if (value !== false && value !== null) made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

const SVG = "http://www.w3.org/2000/svg";

/** @param {string} name @returns {SVGElement} */
export function icon(name) {
  const sheet = document.documentElement.querySelector("[data-icons]");
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `${sheet?.getAttribute("data-icons") ?? ""}#${name}`);
  svg.append(use);
  return svg;
}

/** Write a text only when it differs: screen readers and layout notice every write.
 * @param {Element} element @param {string} text */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** @param {Element} element @param {string} name @param {string} value */
export function setAttribute(element, name, value) {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}

/** @param {Element} element @param {string} tone one of the tone-* classes, without the prefix */
export function setTone(element, tone) {
  for (const name of [...element.classList]) {
    if (name.startsWith("tone-") && name !== `tone-${tone}`) element.classList.remove(name);
  }
  element.classList.add(`tone-${tone}`);
}

/** Whether the person is in the middle of writing something. */
export function isTyping() {
  const active = document.activeElement;
  return active instanceof HTMLInputElement || active instanceof HTMLTextAreaElement;
}
