// The search box as a combobox (ARIA 1.2); Enter without a choice searches.
import { makeOptions } from "./options.js";

const PAUSE = 250;

function attach(form, number) {
  const input = form.elements.q;
  const typing = Math.random().toString(36).slice(2);
  const go = (option) => location.assign(option.dataset.href);
  Object.assign(input, { type: "text", role: "combobox", autocomplete: "off", enterKeyHint: "search", ariaExpanded: "false" });
  const options = makeOptions(input, {
    id: `find-${number}`,
    label: form.dataset.label,
    after: (...made) => form.append(...made),
    opened: (isOpen) => { input.ariaExpanded = isOpen; },
    chosen: go,
  });

  input.addEventListener("input", () => {
    options.close();
    options.list.replaceChildren();
    if (input.value.trim().length > 2) {
      options.lookSoon(PAUSE, () => `${form.dataset.hits}?${new URLSearchParams({ q: input.value, typing })}`);
    }
  });
  input.addEventListener("blur", options.close);
  input.addEventListener("keydown", (event) => {
    if (event.isComposing || !options.list.childElementCount) return;
    const opens = () => {
      if (options.list.hidden) options.open(true);
      return !event.altKey;
    };
    if (options.step(event.key, opens)) event.preventDefault();
    else if (event.key === "Escape" && !options.list.hidden) {
      options.open(false);
      event.preventDefault();
    } else if (event.key === "Enter" && options.active()) {
      go(options.active());
      event.preventDefault();
    }
  });
}

document.querySelectorAll("form[data-hits]").forEach(attach);
