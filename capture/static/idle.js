// Warns before an idle session ends, as often as needed, and hides the page behind the warning.

/** Watch for idleness when the body says how long a session lasts without a request. */
export function startIdleWarning(body) {
  const dialog = document.getElementById("app-idle");
  if (!dialog || !body.dataset.idleSeconds) {
    return;
  }
  const session = new IdleSession(body, dialog);
  dialog.querySelector("[data-idle-stay]").addEventListener("click", () => session.stay());
  dialog.addEventListener("cancel", (event) => { event.preventDefault(); session.stay(); });
  document.addEventListener("app:kept", () => session.restart());
  setInterval(() => session.tick(), 1000);
}

class IdleSession {
  constructor(body, dialog) {
    this.seconds = Number(body.dataset.idleSeconds);
    this.warning = Number(body.dataset.idleWarning);
    this.keepUrl = body.dataset.idleKeep;
    this.dialog = dialog;
    this.words = dialog.querySelector("[data-idle-left]");
    this.restart();
  }

  restart() {
    this.ends = Date.now() + this.seconds * 1000;
  }

  tick() {
    const left = Math.round((this.ends - Date.now()) / 1000);
    if (left <= 0) {
      location.reload();
      this.restart();
    } else if (left <= this.warning) {
      this.warn(left);
    }
  }

  warn(left) {
    const words = left > 60 ? `${Math.ceil(left / 60)} minutes` : `${left} seconds`;
    if (left > 60 || left % 10 === 0 || !this.dialog.open) {
      this.words.textContent = words;
    }
    if (!this.dialog.open) {
      this.dialog.showModal();
    }
  }

  async stay() {
    const answer = await fetch(this.keepUrl, { credentials: "same-origin", redirect: "error" }).catch(() => null);
    if (answer?.ok) {
      this.restart();
      this.dialog.close();
    } else {
      location.reload();
    }
  }
}
