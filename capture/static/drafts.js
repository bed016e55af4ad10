// Keeps what is typed as a draft on the server, and says when it was kept or since when it is not.

const PAUSE = 2000;
const NEVER_KEPT = ["csrf_token", "request_id", "version", "password"];

/** Keep drafts of a form that says where they go (`data-draft-url`). */
export function startDrafts(form) {
  if (form.dataset.draftUrl) {
    new Draft(form).watch();
  }
}

class Draft {
  constructor(form) {
    this.form = form;
    this.status = form.querySelector("[data-draft-status]");
    this.kept = this.typed();
    this.failedSince = null;
    this.isSubmitting = false;
  }

  watch() {
    this.form.addEventListener("input", () => this.later());
    this.form.addEventListener("change", () => this.later());
    this.form.addEventListener("focusout", () => this.keep());
    this.form.addEventListener("submit", () => { this.isSubmitting = true; clearTimeout(this.timer); });
    document.addEventListener("visibilitychange", () => { if (document.hidden) { this.keep(); } });
    window.addEventListener("pageshow", () => { this.isSubmitting = false; });
    window.addEventListener("beforeunload", (event) => this.warn(event));
  }

  typed() {
    const found = {};
    for (const [control, value] of new FormData(this.form)) {
      // Of a file the name alone is kept, so that the form can ask for it again.
      const [name, text] = value instanceof File ? [`${control}__chosen`, value.name] : [control, value];
      const isKept = text !== "" && !NEVER_KEPT.includes(name);
      if (isKept && !name.endsWith("__confirm")) {
        (found[name] ??= []).push(text);
      }
    }
    return JSON.stringify(found);
  }

  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.keep(), PAUSE);
  }

  async keep() {
    clearTimeout(this.timer);
    const typed = this.typed();
    if (this.isSubmitting || this.isSending || typed === this.kept) {
      return;
    }
    this.isSending = true;
    const answer = await this.send(typed);
    this.isSending = false;
    if (answer) {
      this.kept = typed;
      this.failedSince = null;
      this.say(`Draft saved at ${answer.stored_at}`, false);
      document.dispatchEvent(new Event("app:kept"));
    } else {
      this.fail();
    }
    if (this.typed() !== typed) {
      this.later();
    }
  }

  async send(typed) {
    const body = `{"version":${JSON.stringify(this.form.dataset.version ?? null)},"typed":${typed}}`;
    try {
      const answer = await fetch(this.form.dataset.draftUrl, {
        method: "POST",
        credentials: "same-origin",
        redirect: "error",
        keepalive: body.length < 60000,
        headers: {
          "Content-Type": "application/json",
          "X-CSRFToken": this.form.querySelector("[name=csrf_token]")?.value ?? "",
        },
        body,
      });
      return answer.ok ? await answer.json() : null;
    } catch {
      return null;
    }
  }

  fail() {
    this.failedSince ??= new Date();
    const since = this.failedSince.toTimeString().slice(0, 5);
    this.say(`Nothing typed since ${since} is stored. Keep this page open; it is tried again.`, true);
    this.timer = setTimeout(() => this.keep(), PAUSE * 5);
  }

  say(words, isFailure) {
    if (this.status && this.status.textContent !== words) {
      this.status.textContent = words;
      this.status.classList.toggle("app-draft--failed", isFailure);
    }
  }

  warn(event) {
    if (!this.isSubmitting && this.typed() !== this.kept) {
      this.keep();
      event.preventDefault();
    }
  }
}
