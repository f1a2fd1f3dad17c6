// LTI postMessage Storage 0.1: keeps what tools put, for each origin alone, as long as the page lives.
// data-frame says where it is kept: in this page ("_parent"), in the frame lti_storage that stands
// beside the tool, or "itself" inside of that frame.
const place = document.currentScript.dataset.frame;
const kept = new Map();
const MOST_KEYS = 500;
const LONGEST = 4096;

window.addEventListener("message", (event) => {
  const asked = event.data;
  if (asked === null || typeof asked !== "object" || event.source === null) return;
  if (!["lti.capabilities", "lti.put_data", "lti.get_data"].includes(asked.subject)) return;
  const answer = { subject: `${asked.subject}.response`, message_id: asked.message_id, ...respond(event, asked) };
  event.source.postMessage(answer, event.origin);
});

function respond(event, asked) {
  if (typeof asked.message_id !== "string" || asked.message_id === "") {
    return refuse("bad_request", "message_id is missing");
  }
  if (asked.subject === "lti.capabilities") {
    const frame = place === "itself" ? "lti_storage" : place;
    const names = ["lti.capabilities", "lti.put_data", "lti.get_data", "lti.frameResize"];
    return {
      supported_messages: names.map((subject) => subject.endsWith("_data") ? { subject, frame } : { subject }),
    };
  }
  if (place === "lti_storage") return refuse("unsupported_subject", "ask the frame lti_storage");
  if (typeof asked.key !== "string" || asked.key === "") return refuse("bad_request", "key is missing");
  const name = `${event.origin} ${asked.key}`;
  if (asked.subject === "lti.get_data") return { key: asked.key, value: kept.get(name) ?? null };
  return put(name, asked);
}

function put(name, asked) {
  if (asked.value === null || asked.value === undefined) {
    kept.delete(name);
    return { key: asked.key, value: null };
  }
  if (typeof asked.value !== "string") return refuse("bad_request", "value must be a text");
  if (asked.value.length > LONGEST || (kept.size >= MOST_KEYS && !kept.has(name))) {
    return refuse("storage_exhaustion", "this is more than is kept");
  }
  kept.set(name, asked.value);
  return { key: asked.key, value: asked.value };
}

function refuse(code, message) {
  return { error: { code, message } };
}
