// The frame of a tool: obeys lti.frameResize, and closes when a registration says that it is done.
const frame = document.querySelector("iframe.tool");
const SMALLEST = 150;
const LARGEST = 6000;

window.addEventListener("message", (event) => {
  if (event.source !== frame.contentWindow) return;
  let message = event.data;
  if (typeof message === "string") {
    try { message = JSON.parse(message); } catch { return; }
  }
  if (message === null || typeof message !== "object") return;
  if (message.subject === "lti.frameResize" && frame.dataset.resizes === "yes") {
    const height = Number(message.height);
    if (height > 0) frame.style.height = `${Math.min(Math.max(height, SMALLEST), LARGEST)}px`;
  }
  if (message.subject === "org.imsglobal.lti.close" && frame.dataset.closes) {
    window.location.assign(frame.dataset.closes);
  }
});
