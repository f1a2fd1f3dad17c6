// After a registration: tell the LMS that its window can be closed (LTI Dynamic Registration 3.6).
// By the button, and by itself once there was time to read.
const READING_MS = 15000;

function close() {
  const lms = window.opener ?? window.parent;
  if (lms !== window) lms.postMessage({ subject: "org.imsglobal.lti.close" }, "*");
}

const button = document.querySelector("[data-close]");
button.hidden = false;
button.addEventListener("click", close);
setTimeout(close, READING_MS);
