// The one moment that needs a script, a clock, and the state of a page that waits.

const NAMES = {
  NotAllowedError: "notAllowed",
  InvalidStateError: "invalidState",
  SecurityError: "security",
  AbortError: "abort",
  NotSupportedError: "notSupported",
  ConstraintError: "constraint",
};

function bytes(text) {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (character) => character.charCodeAt(0));
}

function text(buffer) {
  const plain = String.fromCharCode(...new Uint8Array(buffer));
  return btoa(plain).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function descriptors(list) {
  return list?.map((entry) => ({ ...entry, id: bytes(entry.id) }));
}

function requestOptions(json) {
  return { ...json, challenge: bytes(json.challenge), allowCredentials: descriptors(json.allowCredentials) };
}

function creationOptions(json) {
  return {
    ...json,
    challenge: bytes(json.challenge),
    user: { ...json.user, id: bytes(json.user.id) },
    excludeCredentials: descriptors(json.excludeCredentials),
  };
}

function written(credential) {
  const from = credential.response;
  const response = { clientDataJSON: text(from.clientDataJSON) };
  if (from.attestationObject) {
    response.attestationObject = text(from.attestationObject);
    response.transports = from.getTransports?.() ?? [];
  } else {
    response.authenticatorData = text(from.authenticatorData);
    response.signature = text(from.signature);
    if (from.userHandle) response.userHandle = text(from.userHandle);
  }
  return {
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment ?? undefined,
    clientExtensionResults: credential.getClientExtensionResults(),
    response,
  };
}

async function ceremony(form) {
  const json = JSON.parse(form.dataset.options);
  if (form.dataset.passkey === "create") {
    return navigator.credentials.create({ publicKey: creationOptions(json) });
  }
  offered?.abort();
  return navigator.credentials.get({ publicKey: requestOptions(json) });
}

// Passkeys among what the browser fills in, while the page asks who it is.
let offered = null;

async function offer(form) {
  const place = form.querySelector("[data-autofill]");
  if (!place || !(await globalThis.PublicKeyCredential?.isConditionalMediationAvailable?.())) return;
  place.hidden = false;
  offered = new AbortController();
  const publicKey = requestOptions(JSON.parse(form.dataset.options));
  const asked = navigator.credentials.get({ publicKey, mediation: "conditional", signal: offered.signal });
  const credential = await asked.catch(() => null);
  if (credential) send(form, form.querySelector("[data-ceremony]"), credential);
}

function send(form, button, credential) {
  button.disabled = true;
  form.elements.response.value = JSON.stringify(written(credential));
  const decision = document.createElement("input");
  decision.type = "hidden";
  decision.name = button.name;
  decision.value = button.value;
  form.append(decision);
  form.submit();
}

function complain(form, error) {
  const place = form.querySelector("[data-errors]");
  const words = place.dataset[NAMES[error.name] ?? "other"];
  place.textContent = "";
  place.hidden = false;
  place.textContent = words;
}

async function approve(form, button) {
  button.disabled = true;
  form.querySelector("[data-errors]").hidden = true;
  try {
    send(form, button, await ceremony(form));
  } catch (error) {
    complain(form, error);
    button.disabled = false;
    offer(form);
  }
}

function listen(form) {
  form.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (!button || !("ceremony" in button.dataset)) return;
    event.preventDefault();
    if (!button.disabled) approve(form, button);
  });
}

function tick(clock) {
  const left = Math.max(0, Math.round((Number(clock.dataset.ends) - Date.now()) / 1000));
  if (left === 0) {
    clock.textContent = clock.dataset.expired;
    offered?.abort();
    for (const button of document.querySelectorAll("[data-ceremony]")) button.disabled = true;
    return;
  }
  const [hours, minutes, seconds] = [Math.floor(left / 3600), Math.floor(left / 60) % 60, left % 60]
    .map((part) => String(part).padStart(2, "0"));
  clock.querySelector("[data-clock]").textContent = hours === "00" ? `${Number(minutes)}:${seconds}` : `${hours}:${minutes}:${seconds}`;
  setTimeout(() => tick(clock), 1000);
}

async function follow(place) {
  const image = document.querySelector("[data-image]");
  let scannable = image !== null;
  const answer = await fetch(place.dataset.state, { headers: { accept: "application/json" } }).catch(() => null);
  if (answer?.ok) {
    const state = await answer.json();
    if (state.text && place.textContent !== state.text) place.textContent = state.text;
    if (state.next) {
      location.replace(state.next);
      return;
    }
    scannable &&= state.code;
    for (const part of document.querySelectorAll("[data-while-open]")) part.hidden = !state.code;
  }
  if (scannable) image.src = `${image.dataset.image}?frame=${Date.now()}`;
  setTimeout(() => follow(place), 1000);
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  listen(form);
  offer(form);
}
for (const clock of document.querySelectorAll("[data-ends]")) tick(clock);
for (const place of document.querySelectorAll("[data-state]")) follow(place);
for (const { dataset } of document.querySelectorAll("[data-gone]")) {
  globalThis.PublicKeyCredential?.signalUnknownCredential?.({ rpId: dataset.party, credentialId: dataset.gone })
    .catch(() => {});
}
for (const form of document.querySelectorAll("form[data-submit]")) form.submit();

// A page that comes back from the browser's cache has buttons that were pressed.
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});
