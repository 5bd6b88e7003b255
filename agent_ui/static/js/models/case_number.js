/** The 13-digit case number in the groups in which it is shown and read out (4-3-3-3). */
const GROUPS = [4, 3, 3, 3];

/** @param {string} number @returns {string[]} */
export function groups(number) {
  const parts = [];
  let rest = number;
  for (const size of GROUPS) {
    parts.push(rest.slice(0, size));
    rest = rest.slice(size);
  }
  return [...parts, rest].filter(Boolean);
}
