// What of a form makes its draft, and the copy of it in this browser: of each person their own.
const TYPED = ["title", "body", "topics"];
const KEPT = [...TYPED, "space", "visibility", "anonymous"];
const place = ({ owner, draft, clearsDraft }) => `peerqa-draft:${owner}:${draft || clearsDraft}`;

export const isSame = (one, other) => KEPT.every((name) => (one[name] || "") === (other[name] || ""));
export const isEmpty = (text) => TYPED.every((name) => !text[name]?.trim());

export function textOf(form) {
  const fields = new FormData(form);
  return Object.fromEntries(KEPT.map((name) => [name, fields.get(name) || ""]));
}

export function fill(form, text) {
  for (const name of KEPT) {
    const field = form.elements[name];
    if (field?.type === "checkbox") field.checked = Boolean(text[name]);
    else if (field && (text[name] || TYPED.includes(name))) field.value = text[name] || "";
  }
}

export function read(form) {
  try {
    const kept = JSON.parse(localStorage.getItem(place(form.dataset)) || "null");
    return kept?.text && !isEmpty(kept.text) ? kept : null;
  } catch {
    return null; // storage is closed to us, as in some frames
  }
}

// Returns whether a text is kept now.
export function write(form) {
  const text = textOf(form);
  const version = Number(form.elements.draft_version.value);
  try {
    if (isEmpty(text)) localStorage.removeItem(place(form.dataset));
    else localStorage.setItem(place(form.dataset), JSON.stringify({ text, version }));
    return !isEmpty(text);
  } catch {
    return false;
  }
}

// A page that says "your question is out" makes the draft of it obsolete.
export function clearPosted() {
  for (const said of document.querySelectorAll("[data-clears-draft]")) {
    try {
      localStorage.removeItem(place(said.dataset));
    } catch {
      return;
    }
  }
}
