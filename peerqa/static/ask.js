// The ask page: its steps open as one types; Enter in the title goes on and never posts.
import { clearPosted, keepDraft } from "./draft.js";
import { takePictures } from "./pictures.js";

const form = document.querySelector("#ask");
const { title, body, topics } = form.elements;
const details = document.querySelector("#details");
const look = document.querySelector("#look");

function open() {
  details.hidden = false;
  look.hidden = true;
}

function openWhenReady() {
  const text = title.value.trim();
  if (text.length >= 15 || text.split(/\s+/).length > 3) open();
}

title.addEventListener("input", openWhenReady);
title.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.isComposing) return;
  event.preventDefault();
  open();
  body.focus();
});

// A suggested topic goes into the field; without this script the server does it.
form.addEventListener("click", (event) => {
  const button = event.target.closest("button[name=add_topic]");
  if (!button) return;
  event.preventDefault();
  const names = topics.value.split(",").map((name) => name.trim()).filter(Boolean);
  if (!names.includes(button.value)) topics.value = [...names, button.value].join(", ");
  topics.dispatchEvent(new Event("input", { bubbles: true }));
  topics.focus();
});

takePictures(form);
// Another space has another beginning; what was typed is never replaced.
const beginning = () => form.elements.space?.selectedOptions[0]?.dataset.template || "";
let begun = beginning();
form.elements.space?.addEventListener("change", () => {
  if (!body.value.trim() || body.value.trim() === begun.trim()) body.value = beginning();
  begun = beginning();
});

document.addEventListener("htmx:after:swap", clearPosted);
if (!details.hidden) look.hidden = true;
if (keepDraft(form)) title.dispatchEvent(new Event("input", { bubbles: true }));
openWhenReady();
