// The question page: a draft of the answer, and the marked passage brought into view.
import { clearPosted, keepDraft } from "./draft.js";
import { takePictures } from "./pictures.js";

clearPosted();
const answer = document.querySelector("#answer");
if (answer) {
  keepDraft(answer);
  takePictures(answer);
}
if (location.search.includes("start=")) document.querySelector("mark")?.scrollIntoView({ block: "center" });
