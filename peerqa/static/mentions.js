// Names behind an @ while one writes.
const PAUSE = 150;
const BEGUN = /(?:^|[^\p{L}\p{N}@./-])@(\p{L}[\p{L}\p{M}.'’-]*(?: [\p{L}\p{M}.'’-]*)?)$/u;

function attach(area, number) {
  const list = document.createElement("div");
  const said = document.createElement("span");
  let timer, looking, begun, isPicked, active = -1;

  Object.assign(list, { id: `mentions-${number}`, role: "listbox", className: "options mentions", hidden: true, ariaLabel: area.dataset.label });
  Object.assign(said, { role: "status", className: "visually-hidden" });
  area.after(list, said);
  area.setAttribute("aria-controls", list.id);
  area.ariaAutoComplete = "list";

  const options = () => [...list.children];

  function choose(place) {
    active = place;
    options().forEach((option, each) => {
      option.id = `${list.id}-${each}`;
      option.ariaSelected = each === place;
    });
    if (place < 0) area.removeAttribute("aria-activedescendant");
    else {
      area.setAttribute("aria-activedescendant", options()[place].id);
      options()[place].scrollIntoView({ block: "nearest" });
    }
  }

  function open(wanted) {
    list.hidden = !wanted || !list.childElementCount;
    choose(-1);
  }

  function forget() {
    clearTimeout(timer);
    looking?.abort();
    said.textContent = "";
    open(false);
    list.replaceChildren();
  }

  async function look() {
    looking = new AbortController();
    try {
      const reply = await fetch(`${area.dataset.mentions}?q=${encodeURIComponent(begun)}`, { signal: looking.signal });
      if (!reply.ok) return;
      list.innerHTML = await reply.text();
      said.textContent = list.firstElementChild?.dataset.count ?? "";
      open(document.activeElement === area);
    } catch { /* superseded, or away */ }
  }

  function pick(option) {
    const end = area.selectionStart;
    isPicked = true;
    area.setRangeText(`${option.dataset.name} `, end - begun.length, end, "end");
    area.dispatchEvent(new Event("input", { bubbles: true }));
  }

  area.addEventListener("input", () => {
    forget();
    begun = BEGUN.exec(area.value.slice(0, area.selectionStart))?.[1] ?? "";
    if (begun && !isPicked) timer = setTimeout(look, PAUSE);
    isPicked = false;
  });
  area.addEventListener("blur", forget);
  area.addEventListener("keydown", (event) => {
    const all = options().length;
    if (event.isComposing || list.hidden) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) choose(((active + 1 + step + all + 1) % (all + 1)) - 1);
    else if (event.key === "Escape") forget();
    else if (event.key === "Enter" && active >= 0) pick(options()[active]);
    else return;
    event.preventDefault();
  });
  list.addEventListener("pointerdown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) pick(option);
  });
}

document.querySelectorAll("textarea[data-mentions]").forEach(attach);
