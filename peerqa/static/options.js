// Options below a field (ARIA 1.2): the server fills them, arrow keys make one active, one is chosen.
export function makeOptions(field, { id, label, className = "options", after = (...made) => field.after(...made), opened, chosen }) {
  const list = document.createElement("div");
  const said = document.createElement("span");
  let timer, looking, active = -1;

  Object.assign(list, { id, role: "listbox", className, hidden: true, ariaLabel: label });
  Object.assign(said, { role: "status", className: "visually-hidden" });
  after(list, said);
  field.setAttribute("aria-controls", id);
  field.ariaAutoComplete = "list";

  const options = () => [...list.children];

  function choose(place) {
    active = place;
    options().forEach((option, each) => {
      option.id = `${id}-${each}`;
      option.ariaSelected = each === place;
    });
    if (place < 0) field.removeAttribute("aria-activedescendant");
    else {
      field.setAttribute("aria-activedescendant", options()[place].id);
      options()[place].scrollIntoView({ block: "nearest" });
    }
  }

  function open(wanted) {
    list.hidden = !wanted || !list.childElementCount;
    opened?.(!list.hidden);
    choose(-1);
  }

  async function look(address) {
    looking = new AbortController();
    try {
      const reply = await fetch(address, { signal: looking.signal });
      if (!reply.ok) return;
      list.innerHTML = await reply.text();
      said.textContent = list.firstElementChild?.dataset.count ?? "";
      open(document.activeElement === field);
    } catch { /* superseded, or away */ }
  }

  list.addEventListener("pointerdown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) chosen(option);
  });

  return {
    list,
    open,
    active: () => options()[active],
    lookSoon(pause, address) {
      timer = setTimeout(() => look(address()), pause);
    },
    close() {
      clearTimeout(timer);
      looking?.abort();
      said.textContent = "";
      open(false);
    },
    // Between the last and the first one none is active: the field itself has its turn.
    step(key, before = () => {}) {
      const by = { ArrowDown: 1, ArrowUp: -1 }[key], from = active, all = options().length;
      if (!by) return false;
      if (before() !== false) choose(((from + 1 + by + all + 1) % (all + 1)) - 1);
      return true;
    },
  };
}
