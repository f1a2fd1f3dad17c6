// Pictures for a text: pasted, dropped or chosen. Each is sent at once and stands in the text then.
const MOST_BYTES = 8e6;

export function takePictures(form) {
  const region = form.querySelector("[data-pictures]");
  const status = form.querySelector("[data-picture-status]");
  const { body, picture, picture_alt: alt, csrf_token: token } = form.elements;
  const say = (what) => { status.textContent = region.dataset[what] || what; };

  function insert(markdown) {
    const at = body.selectionStart;
    const gap = at && body.value[at - 1] !== "\n" ? "\n\n" : "";
    body.setRangeText(`${gap}${markdown}\n`, at, body.selectionEnd, "end");
    if (markdown.startsWith("![]")) body.setSelectionRange(at + gap.length + 2, at + gap.length + 2);
    body.focus();
    body.dispatchEvent(new Event("input", { bubbles: true }));
  }

  async function send(file) {
    if (file.size > MOST_BYTES) return say("tooLarge");
    say("sending");
    const sent = new FormData();
    sent.set("csrf_token", token.value);
    sent.set("picture", file, "picture");
    sent.set("picture_alt", alt.value);
    const reply = await fetch(region.dataset.pictures, {
      method: "POST", body: sent, headers: { "HX-Request": "true" },
    }).catch(() => null);
    if (!reply) return say("failed");
    if (!reply.ok) {
      const told = new DOMParser().parseFromString(await reply.text(), "text/html");
      return say(told.body.textContent.trim() || "failed");
    }
    const { markdown } = await reply.json();
    insert(markdown);
    say(markdown.startsWith("![]") ? "describe" : "added");
    picture.value = alt.value = "";
  }

  function take(event, files) {
    const found = [...(files || [])].filter((file) => file.type.startsWith("image/"));
    if (!found.length) return;
    event.preventDefault();
    found.reduce((before, file) => before.then(() => send(file)), Promise.resolve());
  }

  body.addEventListener("paste", (event) => take(event, event.clipboardData?.files));
  body.addEventListener("drop", (event) => take(event, event.dataTransfer?.files));
  region.querySelector("button[value=picture]").addEventListener("click", (event) => {
    if (!picture.files.length) return;
    if (alt.value.trim()) return take(event, picture.files);
    event.preventDefault();
    say("describeFirst");
    alt.focus();
  });
}
