// The search box as a combobox (ARIA 1.2); Enter without a choice searches.
const PAUSE = 250;

function attach(form, number) {
  const input = form.elements.q;
  const list = document.createElement("div");
  const said = document.createElement("span");
  const typing = Math.random().toString(36).slice(2);
  let timer, looking, active = -1;

  Object.assign(list, { id: `find-${number}`, role: "listbox", className: "options", hidden: true, ariaLabel: form.dataset.label });
  Object.assign(said, { role: "status", className: "visually-hidden" });
  form.append(list, said);
  Object.assign(input, { type: "text", role: "combobox", autocomplete: "off", ariaAutoComplete: "list", enterKeyHint: "search", ariaExpanded: "false" });
  input.setAttribute("aria-controls", list.id);

  const options = () => [...list.children];
  const go = (option) => option && location.assign(option.dataset.href);

  function choose(place) {
    active = place;
    options().forEach((option, each) => {
      option.id = `${list.id}-${each}`;
      option.ariaSelected = each === place;
    });
    if (place < 0) input.removeAttribute("aria-activedescendant");
    else {
      input.setAttribute("aria-activedescendant", options()[place].id);
      options()[place].scrollIntoView({ block: "nearest" });
    }
  }

  function open(wanted) {
    list.hidden = !wanted || !list.childElementCount;
    input.ariaExpanded = !list.hidden;
    choose(-1);
  }

  function forget() {
    clearTimeout(timer);
    looking?.abort();
    said.textContent = "";
    open(false);
  }

  async function look() {
    looking = new AbortController();
    const asked = new URLSearchParams({ q: input.value, typing });
    try {
      const reply = await fetch(`${form.dataset.hits}?${asked}`, { signal: looking.signal });
      if (!reply.ok) return;
      list.innerHTML = await reply.text();
      said.textContent = list.firstElementChild?.dataset.count ?? "";
      open(document.activeElement === input);
    } catch { /* superseded, or away */ }
  }

  input.addEventListener("input", () => {
    forget();
    list.replaceChildren();
    if (input.value.trim().length > 2) timer = setTimeout(look, PAUSE);
  });
  input.addEventListener("blur", forget);
  input.addEventListener("keydown", (event) => {
    const all = options().length;
    if (event.isComposing || !all) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      const from = active;
      if (list.hidden) open(true);
      if (!event.altKey) choose(((from + 1 + step + all + 1) % (all + 1)) - 1);
    } else if (event.key === "Escape" && !list.hidden) open(false);
    else if (event.key === "Enter" && active >= 0) go(options()[active]);
    else return;
    event.preventDefault();
  });
  list.addEventListener("pointerdown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => go(event.target.closest("[role=option]")));
}

document.querySelectorAll("form[data-hits]").forEach(attach);
