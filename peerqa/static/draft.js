// A draft of a form in this browser: written a second after the last key, gone when it was posted.
const KEPT = ["title", "body", "topics"];
const name = (form) => `peerqa-draft:${form.dataset.draft}`;

function read(form) {
  try {
    return JSON.parse(localStorage.getItem(name(form)) || "null");
  } catch {
    return null; // storage is closed to us, as in some frames
  }
}

function write(form) {
  const fields = Object.fromEntries(KEPT.map((key) => [key, form.elements[key]?.value || ""]));
  const said = form.querySelector("[data-draft-status]");
  try {
    if (Object.values(fields).some((text) => text.trim())) {
      localStorage.setItem(name(form), JSON.stringify(fields));
      if (said) said.textContent = said.dataset.saved;
    } else localStorage.removeItem(name(form));
  } catch {
    if (said) said.textContent = "";
  }
}

// Fill an empty form from its draft; what the server filled in stays. True when something came back.
export function keepDraft(form) {
  clearPosted();
  const draft = read(form);
  const isEmpty = KEPT.every((key) => !form.elements[key]?.value.trim());
  const isFilled = Boolean(draft && isEmpty);
  if (isFilled) for (const key of KEPT) if (form.elements[key]) form.elements[key].value = draft[key];
  let timer;
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => write(form), 1000);
  });
  form.addEventListener("submit", () => clearTimeout(timer));
  return isFilled;
}

// A page that says "your question is out" makes the draft of it obsolete.
export function clearPosted() {
  for (const said of document.querySelectorAll("[data-clears-draft]")) {
    try {
      localStorage.removeItem(`peerqa-draft:${said.dataset.clearsDraft}`);
    } catch {
      return;
    }
  }
}
