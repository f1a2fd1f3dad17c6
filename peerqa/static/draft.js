// A draft of a form: in this browser a second after the last key, on the server within five.
// Of two texts for one place none goes silently: the person chooses.
import { chooseText } from "./draft_choice.js";
import { clearPosted, fill, isEmpty, isSame, read, textOf, write } from "./draft_text.js";

export { clearPosted };

// Returns whether a text came back.
export function keepDraft(form) {
  clearPosted();
  const version = form.elements.draft_version;
  const status = form.querySelector("[data-draft-status]");
  const say = (what) => { status.textContent = what ? status.dataset[what] : ""; };
  let known = Number(version.value) ? textOf(form) : {};
  let writing, sending, request, isChoosing;

  const later = () => { sending ||= setTimeout(send, 3000); };

  async function choose(there, present) {
    isChoosing = true;
    const chosen = await chooseText(form, textOf(form), there);
    isChoosing = false;
    version.value = present;
    if (chosen) fill(form, chosen);
    known = {};
    form.dispatchEvent(new Event("input", { bubbles: true }));
  }

  async function send() {
    sending = 0;
    const text = textOf(form);
    if (isChoosing || isSame(text, known) || (isEmpty(text) && !Number(version.value))) return;
    const body = new FormData();
    for (const name of ["csrf_token", "place", "draft_version"]) body.set(name, form.elements[name].value);
    for (const [name, typed] of Object.entries(text)) body.set(name, typed);
    request = new AbortController();
    const options = { method: "POST", body, headers: { "HX-Request": "true" }, signal: request.signal };
    const reply = await fetch(form.dataset.drafts, options).catch(() => null);
    if (request.signal.aborted) return;
    if (!reply || reply.status === 429 || reply.status === 503) return later();
    if (reply.status === 401) return say("signedOut");
    if (!reply.ok && reply.status !== 409) return;
    const present = await reply.json();
    if (!reply.ok && present.version) return choose(present.text, present.version);
    version.value = present.version; // 0 when it was posted or discarded elsewhere
    known = reply.ok ? text : {};
    form.querySelector("[data-discard]").hidden = !present.version;
    if (write(form) && reply.ok) say("kept");
  }

  form.addEventListener("input", () => {
    clearTimeout(writing);
    writing = setTimeout(() => { if (!isChoosing) say(write(form) ? "saved" : ""); }, 1000);
    later();
  });
  form.addEventListener("submit", () => {
    clearTimeout(writing);
    clearTimeout(sending);
    request?.abort();
  });

  const local = read(form);
  const shown = textOf(form);
  if (!local || form.dataset.typed || isSame(local.text, shown)) return false;
  const isNewer = local.version && local.version === Number(version.value);
  if (isNewer || isEmpty(shown)) {
    fill(form, local.text);
    later();
  } else choose(local.text, version.value);
  return true;
}
