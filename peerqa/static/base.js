// On every page: times by the reader's own clock, the year only where it is another one,
// shortcuts of one key, and a word when the network is away.
const { lang, dataset: { zone } } = document.documentElement;

// The zone that the reader chose, where this browser knows it; else the device's.
function written(options) {
  try {
    return new Intl.DateTimeFormat(lang || undefined, { ...options, timeZone: zone });
  } catch {
    return new Intl.DateTimeFormat(lang || undefined, options);
  }
}
const day = written({ day: "numeric", month: "long" });
const dayOfYear = written({ dateStyle: "long" });
const year = written({ year: "numeric" });
const clock = written({ timeStyle: "short" });
const instant = written({ dateStyle: "long", timeStyle: "short" });

function localize(root) {
  for (const time of root.querySelectorAll("time[datetime*=T]")) {
    const at = new Date(time.dateTime);
    if (Number.isNaN(at.getTime())) continue;
    const isThisYear = year.format(at) === year.format(new Date());
    const style = "exact" in time.dataset ? instant : isThisYear ? day : dayOfYear;
    time.textContent = style.format(at);
    time.title = instant.format(at);
    if ("clock" in time.dataset) time.dataset.clock = clock.format(at);
  }
}

localize(document);
document.addEventListener("htmx:after:swap", (event) => {
  localize(document);
  // What took a pressed button's place gets the focus that the browser drops when it scrolls late.
  const pressed = event.detail?.ctx?.sourceElement;
  if (pressed?.matches("button[id]") && document.activeElement === document.body) document.getElementById(pressed.id)?.focus();
});

// A key goes where it is written (aria-keyshortcuts); there is none for who does without.
document.addEventListener("keydown", (event) => {
  if (event.repeat || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented) return;
  if (event.target.closest("input, textarea, select, [contenteditable], [role=listbox]")) return;
  const found = document.querySelector(`[aria-keyshortcuts="${CSS.escape(event.key)}"]`);
  if (!found) return;
  event.preventDefault();
  if (found.matches("a")) found.click();
  else found.focus();
});

// What is sent says so: the button is busy until the next page is there.
document.addEventListener("submit", (event) => {
  if (event.target.method === "post" && !event.defaultPrevented) event.submitter?.setAttribute("aria-busy", "true");
});
addEventListener("pageshow", () => document.querySelectorAll("button[aria-busy]").forEach((button) => button.removeAttribute("aria-busy")));

// A failed request says so beside what was pressed, and changes nothing else.
document.addEventListener("htmx:error", (event) => {
  const source = event.detail?.ctx?.sourceElement;
  const form = source?.closest("form");
  const said = form?.querySelector("[role=status]");
  if (said) said.textContent = document.body.dataset.offline;
});
