// Warns before an idle session ends, as often as needed, and hides the page behind the warning.
import { keepTyping, onTold, reloadAtField, sendForKeeping, tellOthers } from "./leaving.js";

/** Watch for idleness when the body says how long a session lasts without a request. */
export function startIdleWarning(body) {
  const dialog = document.getElementById("app-idle");
  if (!dialog || !body.dataset.idleSeconds) {
    return;
  }
  const session = new IdleSession(body, dialog);
  dialog.querySelector("[data-idle-stay]").addEventListener("click", () => session.stay());
  dialog.querySelector("[data-idle-send]").addEventListener("click", sendForKeeping);
  dialog.addEventListener("cancel", (event) => { event.preventDefault(); session.stay(); });
  document.addEventListener("app:kept", () => session.goOn());
  // A request of any page keeps the session of all: they end together.
  onTold("alive", () => session.restart());
  tellOthers("alive");
  setInterval(() => session.tick(), 1000);
}

class IdleSession {
  constructor(body, dialog) {
    this.seconds = Number(body.dataset.idleSeconds);
    this.warning = Number(body.dataset.idleWarning);
    this.keepUrl = body.dataset.idleKeep;
    this.dialog = dialog;
    this.words = dialog.querySelector("[data-idle-left]");
    this.title = document.title;
    this.hasEnded = false;
    this.restart();
  }

  goOn() {
    this.restart();
    tellOthers("alive");
  }

  restart() {
    if (this.hasEnded) {
      return;
    }
    this.ends = Date.now() + this.seconds * 1000;
    if (this.dialog.open) {
      this.dialog.close();
      document.title = this.title;
    }
  }

  tick() {
    const left = Math.round((this.ends - Date.now()) / 1000);
    if (left <= 0) {
      this.end();
    } else if (left <= this.warning) {
      this.warn(left);
    }
  }

  warn(left) {
    const words = left > 60 ? `${Math.ceil(left / 60)} minutes` : `${left} seconds`;
    if (left > 60 || left % 10 === 0 || !this.dialog.open) {
      this.words.textContent = words;
    }
    this.hide();
  }

  hide() {
    if (!this.dialog.open) {
      document.title = "Sarcomere";
      this.dialog.showModal();
    }
  }

  async stay() {
    if (this.hasEnded) {
      return;
    }
    const answer = await fetch(this.keepUrl, { credentials: "same-origin", redirect: "error" }).catch(() => null);
    if (answer?.ok) {
      this.goOn();
    } else {
      this.end();
    }
  }

  // What could not be kept is not thrown away with the page: it waits behind the dialog.
  async end() {
    if (this.hasEnded) {
      return;
    }
    this.hasEnded = true;
    this.hide();
    if (await keepTyping()) {
      reloadAtField();
      return;
    }
    this.dialog.querySelector("[data-idle-warning]").hidden = true;
    this.dialog.querySelector("[data-idle-ended]").hidden = false;
    this.dialog.querySelector("[data-idle-send]").focus();
  }
}
