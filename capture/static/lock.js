// Covers the page at once when the screen is locked, then locks the session on the server.
import { keepTyping, onTold, reloadAtField, sendForKeeping, tellOthers } from "./leaving.js";

const RETRY = 1000;
const LOCK_KEY = "KeyL";

/** Take over the Lock button and Alt+L; without scripts it is a button with an access key. */
export function startLock(root) {
  const form = root.querySelector("form[data-lock]");
  if (!form) {
    return;
  }
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (cover()) {
      tellOthers("lock");
      lock(() => sendLock(form));
    }
  });
  document.addEventListener("keydown", (event) => {
    if (event.code === LOCK_KEY && event.altKey && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      form.requestSubmit();
    }
  });
  // Another page of this browser is covered with it, and loads again once the session is locked.
  let isLocked = false;
  onTold("lock", () => { if (cover()) { lock(() => isLocked); } });
  onTold("locked", () => { isLocked = true; });
}

// Nothing of the page can be seen, reached or read out; what is typed stays in it until it is kept.
function cover() {
  if (document.querySelector(".app-cover")) {
    return false;
  }
  for (const element of document.body.children) {
    element.inert = true;
  }
  document.title = "Locked – Sarcomere";
  document.body.classList.add("app-covered");
  const found = document.createElement("div");
  found.className = "app-cover";
  found.setAttribute("role", "alert");
  found.innerHTML = "<h2 class=\"nhsuk-heading-m\">The screen is being locked</h2><p></p>";
  document.body.append(found);
  return true;
}

function say(words) {
  const place = document.querySelector(".app-cover p");
  if (place.textContent !== words) {
    place.textContent = words;
  }
}

async function lock(send) {
  const isKept = await keepTyping();
  if (isKept && await send()) {
    tellOthers("locked");
    reloadAtField();
    return;
  }
  if (isKept) {
    say("The server does not answer yet. This page stays covered; it is tried again.");
  } else {
    say("Part of what you typed could not be stored yet. It stays on this page: do not close it. It is tried again.");
    offerKeeping();
  }
  setTimeout(() => lock(send), RETRY);
}

async function sendLock(form) {
  const body = new URLSearchParams(new FormData(form));
  try {
    const answer = await fetch(form.action, { method: "POST", body, redirect: "manual" });
    return answer.type === "opaqueredirect" || answer.status < 500;
  } catch {
    return false;
  }
}

function offerKeeping() {
  const place = document.querySelector(".app-cover");
  if (place.querySelector("button")) {
    return;
  }
  const button = Object.assign(document.createElement("button"), {
    type: "button", className: "nhsuk-button", textContent: "Send what I typed and sign in",
  });
  button.addEventListener("click", sendForKeeping);
  place.append(button);
}
