// Passkeys (Web Authentication, level 3): the one thing on these pages that needs JavaScript.
//
// A form with the id "passkey" holds in data-options what the server asks for, as JSON with bytes in base64url; sending
// it asks the device first, and then sends the device's answer in the field "passkey".
"use strict";

(() => {
  const form = document.getElementById("passkey");
  if (!form) {
    return;
  }
  const shown = (id, is) => {
    document.getElementById(id).hidden = !is;
  };
  if (!window.PublicKeyCredential || !navigator.credentials) {
    shown("passkey-cannot", true);
    return;
  }
  const options = JSON.parse(form.dataset.options);
  const makes = form.dataset.makes === "yes";

  const bytes = (text) =>
    Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer)))
      .replaceAll("+", "-")
      .replaceAll("/", "_")
      .replace(/=+$/, "");
  const known = (list) => (list || []).map((one) => ({ ...one, id: bytes(one.id) }));

  const asked = () => {
    const publicKey = { ...options, challenge: bytes(options.challenge) };
    if (makes) {
      publicKey.user = { ...options.user, id: bytes(options.user.id) };
      publicKey.excludeCredentials = known(options.excludeCredentials);
      return navigator.credentials.create({ publicKey });
    }
    publicKey.allowCredentials = known(options.allowCredentials);
    return navigator.credentials.get({ publicKey });
  };

  const told = (credential) => {
    const { response } = credential;
    const answer = { clientDataJSON: text(response.clientDataJSON) };
    if (makes) {
      answer.attestationObject = text(response.attestationObject);
      answer.transports = response.getTransports ? response.getTransports() : [];
    } else {
      answer.authenticatorData = text(response.authenticatorData);
      answer.signature = text(response.signature);
      answer.userHandle = response.userHandle ? text(response.userHandle) : null;
    }
    return JSON.stringify({
      id: credential.id,
      rawId: text(credential.rawId),
      type: credential.type,
      response: answer,
      clientExtensionResults: credential.getClientExtensionResults(),
    });
  };

  let busy = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (busy) {
      return;
    }
    busy = true;
    shown("passkey-failed", false);
    shown("passkey-known", false);
    asked()
      .then((credential) => {
        form.elements.passkey.value = told(credential);
        form.submit();
      })
      .catch((error) => {
        busy = false;
        shown(error.name === "InvalidStateError" && makes ? "passkey-known" : "passkey-failed", true);
      });
  });
  form.hidden = false;
})();
