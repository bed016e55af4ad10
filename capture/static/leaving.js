// What has to happen before a page is left: forms keep what is typed, and say whether they could.

/** Let every form keep what is typed on it; resolves to whether all of it is stored. */
export async function keepTyping() {
  const waiting = [];
  const waitFor = (promise) => waiting.push(promise);
  document.dispatchEvent(new CustomEvent("app:leaving", { detail: { waitFor } }));
  return (await Promise.all(waiting)).every(Boolean);
}

/** Send the form that could not be kept: the server keeps it behind the sign-in. */
export function sendForKeeping() {
  document.querySelector("form[data-instrument-form]")?.requestSubmit();
}

let lastField = "";
document.addEventListener("focusin", ({ target }) => {
  if (target.id && target.closest("form[data-instrument-form]")) {
    lastField = target.id;
  }
});

/** Load this page again, with the address naming the field that had the focus. */
export function reloadAtField() {
  if (lastField) {
    history.replaceState(null, "", `#${lastField}`);
  }
  location.reload();
}

/** A form that leads back to a page leads back to the field that the address names. */
export function startComingBack(root) {
  for (const next of root.querySelectorAll("form[data-comes-back] input[name=next]")) {
    if (location.hash && !next.value.includes("#")) {
      next.value += location.hash;
    }
    // Browsers leave `autofocus` alone where the address names a place.
    next.form.querySelector("[autofocus]")?.focus();
  }
}

const channel = "BroadcastChannel" in window ? new BroadcastChannel("sarcomere") : null;

/** Tell the other pages of this browser. */
export function tellOthers(what) {
  channel?.postMessage(what);
}

/** Hear what another page of this browser tells. */
export function onTold(what, act) {
  channel?.addEventListener("message", ({ data }) => { if (data === what) { act(); } });
}
