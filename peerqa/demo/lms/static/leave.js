// The picker is done: the whole page goes back to the course, not only the frame.
const link = document.getElementById("leave");
if (window.top !== window) window.setTimeout(() => window.top.location.assign(link.href), 600);
