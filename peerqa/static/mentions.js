// Names behind an @ while one writes.
import { makeOptions } from "./options.js";

const PAUSE = 150;
const BEGUN = /(?:^|[^\p{L}\p{N}@./-])@(\p{L}[\p{L}\p{M}.'’-]*(?: [\p{L}\p{M}.'’-]*)?)$/u;

function attach(area, number) {
  let begun, isPicked;
  const options = makeOptions(area, { id: `mentions-${number}`, label: area.dataset.label, className: "options mentions", chosen: pick });

  function forget() {
    options.close();
    options.list.replaceChildren();
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
    if (begun && !isPicked) options.lookSoon(PAUSE, () => `${area.dataset.mentions}?q=${encodeURIComponent(begun)}`);
    isPicked = false;
  });
  area.addEventListener("blur", forget);
  area.addEventListener("keydown", (event) => {
    if (event.isComposing || options.list.hidden) return;
    if (options.step(event.key)) event.preventDefault();
    else if (event.key === "Escape") {
      forget();
      event.preventDefault();
    } else if (event.key === "Enter" && options.active()) {
      pick(options.active());
      event.preventDefault();
    }
  });
}

document.querySelectorAll("textarea[data-mentions]").forEach(attach);
