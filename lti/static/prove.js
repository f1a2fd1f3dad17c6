// Posts the launch again when the platform's storage knows its state and nonce; else offers a tab.
import { ask, nonceKey, stateKey } from "./storage.js";

const form = document.getElementById("launch");
const { nonce, origin, frame } = form.dataset;
const state = form.elements.state.value;
const platform = { frame, origin };

const [kept, keptNonce] = await Promise.all([
  ask(platform, "lti.get_data", { key: stateKey(state) }),
  ask(platform, "lti.get_data", { key: nonceKey(nonce) }),
]);
if (kept?.value === state && keptNonce?.value === nonce) {
  form.submit();
} else {
  form.hidden = true;
  document.getElementById("tab").hidden = false;
}
