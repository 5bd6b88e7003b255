// Generated from agent_ui/live/views.py; do not edit.

/** The agent behind the desk and what the server holds him to be doing. */
export type AgentView = {
  agent_id: string;
  account: string;
  job_number: string;
  name: string;
  state: "SIGNED_OUT" | "NOT_READY" | "READY" | "RINGING" | "TALKING" | "WRAP_UP";
  reason: string;
  since: string;
  until: string | null;
  phone: string;
};

/** How many callers wait, and since when the first. */
export type QueueView = {
  waiting: number;
  oldest_since: string | null;
};

/** An earlier matter of the same caller. */
export type PastCase = {
  case_id: string;
  case_number: string;
  title: string;
  status: string;
  status_name: string;
  open: boolean;
  created_at: string;
};

/** An earlier call from the same number. */
export type PastCall = {
  call_id: string;
  arrived_at: string;
  line_name: string;
  outcome: string;
};

/** What is known of the number that calls; open cases first. */
export type CallerHistory = {
  cases: Array<PastCase>;
  calls: Array<PastCall>;
  open_count: number;
};

/** A stretch of audio a field rests on. */
export type SourceView = {
  speaker: string;
  start_ms: number;
  end_ms: number;
  words: string;
  rule: string;
  confidence: number;
};

/** One field of the draft. */
export type FieldView = {
  value: unknown;
  confidence: number;
  origin: "MACHINE" | "AGENT" | "CALLER";
  sources: Array<SourceView>;
  suggestion: unknown;
  choices: Array<Record<string, unknown>>;
  confirmed: boolean;
};

/** Who waved a warning off, and why. */
export type DismissedView = {
  by: string;
  reason: string;
  at: string;
};

/** A danger heard in the call, to be seen at once; None: nobody has waved it off. */
export type TripwireView = {
  kind: string;
  label: string;
  source: SourceView;
  dismissed: DismissedView | null;
};

/** One change of a field by a person; by: the person's name. */
export type EditView = {
  at: string;
  by: string;
  before: unknown;
  after: unknown;
  undone: boolean;
};

/** Another caller's matter that may be the same, and why. */
export type AlikeView = {
  case_id: string;
  number: string;
  title: string;
  category: string;
  place: string;
  status_name: string;
  department: string;
  due_at: string | null;
  at: string;
  reporters: number;
  score: number;
  reasons: Array<string>;
  metres: number | null;
  lat: number | null;
  lon: number | null;
  can_join: boolean;
};

/** Many callers with this trouble in a short time; mother_id: the case that may carry them. */
export type BurstView = {
  count: number;
  mother_id: string;
  category: string;
  place: string;
};

/** The case that grows while the call runs. */
export type DraftView = {
  case_id: string;
  matter: number;
  revision: number;
  status: string;
  case_number: string | null;
  fields: Record<string, FieldView>;
  tripwires: Array<TripwireView>;
  question: string;
  edits: Record<string, Array<EditView>>;
  alike: Array<AlikeView>;
  burst: BurstView | null;
  joined_to: string | null;
};

/** One word of an utterance, and how sure the recogniser is of it. */
export type WordView = {
  text: string;
  start_ms: number;
  end_ms: number;
  confidence: number;
};

/** One finished utterance; before: what was shown live, where the better pass hears other. */
export type CaptionView = {
  utterance_id: string;
  speaker: string;
  start_ms: number;
  end_ms: number;
  text: string;
  confidence: number;
  words: Array<WordView>;
  edited: boolean;
  before: string;
};

/** Somebody beside caller and agent: rings, has answered, or has joined. */
export type ThirdView = {
  kind: string;
  name: string;
  target: string;
  state: "ringing" | "answered" | "joined";
  since: string;
};

/** The one call a desk is busy with, from the ring to the end of the wrap-up. */
export type CallView = {
  call_id: string;
  offer_id: string;
  direction: string;
  state: "IVR" | "QUEUED" | "OFFERED" | "TALKING" | "HELD" | "ENDED";
  caller_number: string;
  line_name: string;
  language: string;
  menu_path: Array<string>;
  queue_name: string;
  skills: Array<string>;
  arrived_at: string;
  queued_at: string | null;
  offered_at: string | null;
  offer_until: string | null;
  answered_at: string | null;
  held_at: string | null;
  ended_at: string | null;
  ended_by: string;
  case_id: string | null;
  muted: boolean;
  third: ThirdView | null;
  history: CallerHistory;
};

/** Something this agent still owes: a parked draft or a callback. */
export type WorkItem = {
  kind: "draft" | "callback";
  item_id: string;
  call_id: string;
  title: string;
  since: string;
};

/** A caller whom nobody answered: to be phoned back with one key. */
export type MissedView = {
  call_id: string;
  caller_mask: string;
  line_name: string;
  waited_s: number;
  at: string;
  tries: number;
};

/** Everything on one desk. */
export type DeskView = {
  server_time: string;
  agent: AgentView;
  queue: QueueView;
  call: CallView | null;
  captions: Array<CaptionView>;
  drafts: Array<DraftView>;
  work: Array<WorkItem>;
  missed: Array<MissedView>;
};

/** One signed-in agent on the supervisors' wall. */
export type WallAgent = {
  agent_id: string;
  name: string;
  job_number: string;
  state: string;
  reason: string;
  since: string;
  call_id: string;
  call_state: string;
  line_name: string;
  third_kind: string;
};

/** Of those who entered the line: shares are None as long as nobody has. */
export type WallFigures = {
  entered: number;
  answered: number;
  abandoned: number;
  in_time: number | null;
  connected: number | null;
  returned: number | null;
};

/** The whole wall. today: since midnight; day: the last 24 hours. */
export type WallView = {
  server_time: string;
  waiting: number;
  oldest_since: string | null;
  agents: Array<WallAgent>;
  today: WallFigures;
  day: WallFigures;
};

/** The agent's own state, whole. */
export type AgentEvent = {
  kind: "agent";
  agent: AgentView;
};

/** The queue's figures, whole. */
export type QueueEvent = {
  kind: "queue";
  queue: QueueView;
};

/** The call, whole, or None when the desk is free again. */
export type CallEvent = {
  kind: "call";
  call: CallView | null;
};

/** The drafts of the call, one a matter, whole. */
export type DraftsEvent = {
  kind: "drafts";
  drafts: Array<DraftView>;
};

/** All captions of the call anew. */
export type CaptionsEvent = {
  kind: "captions";
  captions: Array<CaptionView>;
};

/** One more finished utterance; the same one twice changes nothing. */
export type CaptionEvent = {
  kind: "caption";
  call_id: string;
  caption: CaptionView;
};

/** The words of an utterance that is not finished. */
export type PartialEvent = {
  kind: "partial";
  call_id: string;
  speaker: string;
  start_ms: number;
  text: string;
};

/** The list of what this agent still owes, whole. */
export type WorkEvent = {
  kind: "work";
  work: Array<WorkItem>;
};

/** The list of callers to be phoned back, whole; the same for every desk. */
export type MissedEvent = {
  kind: "missed";
  missed: Array<MissedView>;
};

/** An order of this desk that could not be carried out. */
export type RefusedEvent = {
  kind: "refused";
  id: string;
  code: string;
  message: string;
};

/** An order of this desk that was carried out. */
export type DoneEvent = {
  kind: "done";
  id: string;
  result: Record<string, unknown>;
};

/** Something the agent should know and need not act on. */
export type NoticeEvent = {
  kind: "notice";
  code: string;
};

export type DeskEvent = AgentEvent | QueueEvent | CallEvent | DraftsEvent | CaptionsEvent | CaptionEvent | PartialEvent | WorkEvent | MissedEvent | RefusedEvent | DoneEvent | NoticeEvent;
