/**
 * A caption as pieces: which of its words the recogniser is not sure of. No DOM.
 * The text was polished after recognition (digits, punctuation), so the words are looked for in it
 * one after the other, and what lies between them belongs to nobody.
 * @import { CaptionView, WordView } from "../types.js"
 *
 * @typedef {{ text: string, unsure: boolean, start_ms: number | null, confidence: number }} Piece
 */

/** Below this a word is marked. */
export const UNSURE_BELOW = 0.6;

/** @param {Pick<CaptionView, "text" | "words" | "confidence" | "edited">} caption @returns {Piece[]} */
export function pieces({ text, words, confidence, edited }) {
  if (edited) return [plain(text)];
  if (words.length === 0) {
    return [{ text, unsure: confidence < UNSURE_BELOW, start_ms: null, confidence }];
  }
  /** @type {Piece[]} */
  const found = [];
  let at = 0;
  for (const word of words) {
    const clean = word.text.trim();
    const where = clean === "" ? -1 : text.indexOf(clean, at);
    if (where < 0) continue;
    if (where > at) found.push(plain(text.slice(at, where)));
    found.push(ofWord(clean, word));
    at = where + clean.length;
  }
  if (at < text.length) found.push(plain(text.slice(at)));
  return joined(found);
}

/** @param {string} text @returns {Piece} */
function plain(text) {
  return { text, unsure: false, start_ms: null, confidence: 1 };
}

/** @param {string} text @param {WordView} word @returns {Piece} */
function ofWord(text, word) {
  const unsure = word.confidence < UNSURE_BELOW;
  return { text, unsure, start_ms: word.start_ms, confidence: word.confidence };
}

/** Neighbours of one kind are one piece, marked by the least sure of them.
 * @param {Piece[]} list @returns {Piece[]} */
function joined(list) {
  /** @type {Piece[]} */
  const out = [];
  for (const piece of list) {
    const last = out.at(-1);
    if (last === undefined || last.unsure !== piece.unsure) {
      out.push({ ...piece });
      continue;
    }
    last.text += piece.text;
    last.confidence = Math.min(last.confidence, piece.confidence);
  }
  return out;
}
