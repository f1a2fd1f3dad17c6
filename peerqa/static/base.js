// On every page: times in the reader's own zone, the year only where it is another one,
// and a word when the network is away.
const language = document.documentElement.lang || undefined;
const day = new Intl.DateTimeFormat(language, { day: "numeric", month: "long" });
const dayOfYear = new Intl.DateTimeFormat(language, { dateStyle: "long" });
const instant = new Intl.DateTimeFormat(language, { dateStyle: "long", timeStyle: "short" });

function localize(root) {
  for (const time of root.querySelectorAll("time[datetime]")) {
    const at = new Date(time.dateTime);
    if (Number.isNaN(at.getTime())) continue;
    const isThisYear = at.getFullYear() === new Date().getFullYear();
    const written = "exact" in time.dataset ? instant : isThisYear ? day : dayOfYear;
    time.textContent = written.format(at);
    time.title = instant.format(at);
  }
}

localize(document);
document.addEventListener("htmx:after:swap", () => localize(document));

// A failed request says so beside what was pressed, and changes nothing else.
document.addEventListener("htmx:error", (event) => {
  const source = event.detail?.ctx?.sourceElement;
  const form = source?.closest("form");
  const said = form?.querySelector("[role=status]");
  if (said) said.textContent = document.body.dataset.offline;
});
