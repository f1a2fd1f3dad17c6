// Puts state and nonce into the platform's storage, then goes to the platform.
import { ask, nonceKey, stateKey } from "./storage.js";

const { state, nonce, origin, frame, address } = document.getElementById("login").dataset;
const platform = { frame, origin };

await Promise.all([
  ask(platform, "lti.put_data", { key: stateKey(state), value: state }),
  ask(platform, "lti.put_data", { key: nonceKey(nonce), value: nonce }),
]);
window.location.replace(address);
