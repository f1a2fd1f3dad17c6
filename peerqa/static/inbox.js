// What is opened is read: the row's own form is sent beside the navigation and never holds it up.
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-read]");
  const form = link && document.getElementById(link.dataset.read);
  if (!form) return;
  fetch(form.action, { method: "POST", body: new FormData(form), keepalive: true }).catch(() => {});
});
