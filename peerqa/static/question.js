// The question page: a draft of the answer, and the marked passage brought into view.
import { clearPosted, keepDraft } from "./draft.js";

clearPosted();
const answer = document.querySelector("#answer");
if (answer) keepDraft(answer);
if (location.search.includes("start=")) document.querySelector("mark")?.scrollIntoView({ block: "center" });
