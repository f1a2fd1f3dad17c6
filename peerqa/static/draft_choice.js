// Two texts for the same place: both are shown, and one is chosen.
const whole = (text) => [text.title, text.body, text.topics].filter(Boolean).join("\n\n");

export function chooseText(form, here, there) {
  const region = form.querySelector("[data-two-texts]");
  region.querySelector("[data-text=here]").textContent = whole(here);
  region.querySelector("[data-text=there]").textContent = whole(there);
  region.hidden = false;
  region.scrollIntoView({ block: "nearest" });
  return new Promise((resolve) => {
    for (const button of region.querySelectorAll("[data-keep]")) {
      button.onclick = () => {
        region.hidden = true;
        form.querySelector("textarea").focus();
        resolve(button.dataset.keep === "there" ? there : null); // null: what the form holds by now
      };
    }
  });
}
