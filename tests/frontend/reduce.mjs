/** Reads a list of desk messages from standard input; writes the desk that the browser would hold. */
import { NOTHING, applyMessage } from "../../agent_ui/static/js/models/desk_state.js";

let text = "";
for await (const chunk of process.stdin) text += chunk;
let now = NOTHING;
for (const message of JSON.parse(text)) {
  const next = applyMessage(now, message);
  if (next === "resync") throw new Error(`gap before ${message.seq}`);
  now = next;
}
process.stdout.write(JSON.stringify(now.desk));
