/** Asks for a call's recording: the reason is written down before the audio opens. */
import { t } from "./texts.js";

/**
 * @param {string} caseId @param {string} reason
 * @returns {Promise<{ url: string, offset_ms: number }>}
 */
export async function openRecording(caseId, reason) {
  const form = new URLSearchParams({ reason });
  const answer = await fetch(`/cases/${encodeURIComponent(caseId)}/listens`, {
    method: "POST",
    body: form,
    headers: { Accept: "application/json", "X-Form-Token": formToken() },
  });
  const body = await answer.json();
  if (!answer.ok) throw new Error(body.message ?? t("录音暂时不可用"));
  return body;
}

function formToken() {
  const field = document.querySelector('input[name="csrf"]');
  return field instanceof HTMLInputElement ? field.value : "";
}
