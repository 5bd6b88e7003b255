/**
 * How a state looks: icon, word, tone and how old it is. Never colour alone. No DOM.
 * @import { AgentView, CallView } from "../types.js"
 *
 * @typedef {{ icon: string, word: string, tone: string, age: 0 | 1 | 2 }} Look
 */

/** @type {Record<string, { icon: string, word: string, tone: string, ages: [number, number] }>} */
const LOOKS = {
  SIGNED_OUT: { icon: "power", word: "已签退", tone: "off", ages: [1e9, 1e9] },
  NOT_READY: { icon: "pause", word: "未就绪", tone: "paused", ages: [300, 900] },
  READY: { icon: "check", word: "就绪", tone: "ready", ages: [60, 300] },
  RINGING: { icon: "bell", word: "来电振铃", tone: "ringing", ages: [10, 15] },
  TALKING: { icon: "phone", word: "通话中", tone: "talking", ages: [180, 300] },
  HELD: { icon: "hold", word: "保持中", tone: "paused", ages: [30, 60] },
  CONSULTING: { icon: "users", word: "咨询中", tone: "talking", ages: [60, 180] },
  THREE_WAY: { icon: "users", word: "三方通话", tone: "talking", ages: [180, 300] },
  WRAP_UP: { icon: "pen", word: "话后处理", tone: "wrap", ages: [60, 150] },
};

/** @type {Record<string, string>} */
export const REASON_WORDS = {
  SIGNED_IN: "已签入",
  BREAK: "小休",
  MEAL: "用餐",
  TRAINING: "培训",
  BACK_OFFICE: "案头工作",
  UNANSWERED: "来电未接",
  DESK_LOST: "工作台断线",
  PHONE_LOST: "电话断线",
  SUPERVISOR: "班长设置",
};

/**
 * @param {AgentView} agent @param {CallView | null} call @param {number} seconds in this state
 * @returns {Look}
 */
export function lookOf(agent, call, seconds) {
  const finer = call && agent.state === "TALKING" ? call.state : agent.state;
  const look = LOOKS[finer] ?? LOOKS[agent.state];
  if (!look) return { icon: "power", word: agent.state, tone: "off", age: 0 };
  const age = seconds >= look.ages[1] ? 2 : seconds >= look.ages[0] ? 1 : 0;
  return { icon: look.icon, word: look.word, tone: look.tone, age };
}
