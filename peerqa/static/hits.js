// A hit that is opened is evidence; it is sent beside the navigation and never holds it up.
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-opened]");
  const form = link?.closest("form");
  if (!form) return;
  const sent = new FormData();
  for (const name of ["csrf_token", "look_up", "surface", "title", "q"]) {
    if (form.elements[name]) sent.set(name, form.elements[name].value);
  }
  sent.set("opened", link.dataset.opened);
  fetch(form.dataset.lookups, { method: "POST", body: sent, keepalive: true }).catch(() => {});
});
