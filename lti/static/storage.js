// Asks the platform's storage: "LTI postMessage Storage" (lti.put_data, lti.get_data).
// Messages go to the authorization endpoint's origin alone, and answers are taken from there alone.
const patienceMilliseconds = 1000;

function platformFrame(name) {
  const outside = window.parent === window ? window.opener : window.parent;
  if (!outside || name === "_parent") return outside;
  try {
    return outside.frames[name] ?? outside;
  } catch {
    return outside;
  }
}

// Resolves to the answer; to null when none came in time.
export function ask({ frame, origin }, subject, data) {
  const target = platformFrame(frame);
  if (!target || !origin) return Promise.resolve(null);
  const id = crypto.getRandomValues(new Uint32Array(4)).join("-");
  return new Promise((resolve) => {
    const end = (answer) => {
      window.clearTimeout(timer);
      window.removeEventListener("message", hear);
      resolve(answer);
    };
    const hear = (event) => {
      const said = event.data;
      if (event.origin !== origin || typeof said !== "object" || said === null) return;
      if (said.message_id === id && said.subject === `${subject}.response`) {
        end(said.error ? null : said);
      }
    };
    const timer = window.setTimeout(end, patienceMilliseconds, null);
    window.addEventListener("message", hear);
    try {
      target.postMessage({ subject, message_id: id, ...data }, origin);
    } catch {
      end(null);
    }
  });
}

export const stateKey = (state) => `peerqa_state_${state}`;
export const nonceKey = (nonce) => `peerqa_nonce_${nonce}`;
