// Keeps what is typed as a draft on the server, and says when it was kept or since when it is not.

const PAUSE = 2000;
const LONGEST = 4000;
const RETRY = 5000;
const PATIENCE = 10000;
const SAID_EVERY = 60000;
const NEVER_KEPT = ["csrf_token", "request_id", "version", "shown", "password", "act"];
const REASONS = {
  0: "the server does not answer. Keep this page open; it is tried again.",
  400: "somebody has signed in again in this browser. Press Save: what you typed is kept for you.",
  401: "you are signed out. Press Save and sign in: what you typed comes back.",
  423: "the screen was locked. Press Save and give your password: what you typed comes back.",
};
// To these the server answers a Save with everything typed in its hands.
const KEEPS_A_SAVE = [400, 401, 409, 422, 423];

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
    // What was sent in vain lies in no draft yet: it becomes one at once.
    this.isWhole = form.dataset.unsaved === "kept";
    this.kept = this.isWhole ? {} : this.typed();
    this.dirtySince = null;
    this.failure = null;
    this.saidAt = 0;
    this.mayGo = false;
    this.queue = Promise.resolve(true);
  }

  watch() {
    this.form.addEventListener("input", () => this.later());
    this.form.addEventListener("change", () => this.later());
    this.form.addEventListener("focusout", () => this.keep());
    this.form.addEventListener("submit", (event) => this.keepFirst(event));
    document.addEventListener("submit", (event) => this.keepBeforeOthers(event));
    document.addEventListener("click", (event) => this.keepBeforeLink(event));
    document.addEventListener("app:leaving", ({ detail }) => detail.waitFor(this.keep()));
    document.addEventListener("visibilitychange", () => { if (document.hidden) { this.keep(); } });
    window.addEventListener("online", () => this.keep());
    window.addEventListener("pageshow", () => { this.mayGo = false; });
    window.addEventListener("beforeunload", (event) => this.warn(event));
    if (this.isWhole) {
      this.keep();
    }
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
    return found;
  }

  /** The controls whose texts are not those that lie on the server. */
  changed(typed = this.typed()) {
    const names = new Set([...Object.keys(this.kept), ...Object.keys(typed)]);
    return [...names].filter((name) => JSON.stringify(this.kept[name]) !== JSON.stringify(typed[name]));
  }

  // Two seconds after the last key; whoever types without a pause is kept in between.
  later() {
    if (this.changed().length === 0) {
      this.dirtySince = null;
      return;
    }
    this.dirtySince ??= new Date();
    if (!this.failure) {
      const waited = Date.now() - this.dirtySince;
      this.again(Math.max(0, Math.min(PAUSE, LONGEST - waited)));
    }
  }

  again(milliseconds) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.keep(), milliseconds);
  }

  /** Send what is not kept yet, one request at a time; resolves to whether everything is kept. */
  keep() {
    clearTimeout(this.timer);
    this.queue = this.queue.then(() => this.sendChanges());
    return this.queue;
  }

  async sendChanges() {
    const typed = this.typed();
    const changed = this.changed(typed);
    if (changed.length === 0) {
      return true;
    }
    const started = new Date();
    const { status, content } = await this.send(typed, changed);
    if (status !== 200) {
      this.fail(status, content);
      return false;
    }
    this.kept = typed;
    this.isWhole = false;
    this.dirtySince = started;
    this.later();
    this.succeed(content);
    return true;
  }

  async send(typed, changed) {
    const version = this.form.dataset.version ?? null;
    const body = JSON.stringify({ version, typed, changed: this.isWhole ? null : changed });
    try {
      const answer = await fetch(this.form.dataset.draftUrl, {
        method: "POST",
        credentials: "same-origin",
        redirect: "error",
        keepalive: body.length < 60000,
        signal: AbortSignal.timeout(PATIENCE),
        headers: {
          "Content-Type": "application/json",
          "X-CSRFToken": this.form.querySelector("[name=csrf_token]")?.value ?? "",
        },
        body,
      });
      return { status: answer.status, content: await answer.json() };
    } catch {
      return { status: 0, content: {} };
    }
  }

  succeed({ stored_at: at, others = [] }) {
    const hadFailed = this.failure !== null;
    this.failure = null;
    if (hadFailed || Date.now() - this.saidAt >= SAID_EVERY) {
      this.saidAt = Date.now();
      const beside = others.map((one) => `. There is a draft by ${one}, too`).join("");
      this.say(`Draft saved at ${at}${beside}`, false);
    }
    document.dispatchEvent(new Event("app:kept"));
  }

  fail(status, { message = "" }) {
    this.failure = status;
    const since = (this.dirtySince ?? new Date()).toTimeString().slice(0, 5);
    const why = REASONS[status] ?? `${message} Keep this page open; it is tried again.`;
    this.say(`Not stored since ${since}: ${why}`, true);
    this.again(RETRY);
  }

  say(words, isFailure) {
    if (this.status && this.status.textContent !== words) {
      this.status.textContent = words;
      this.status.classList.toggle("app-draft--failed", isFailure);
    }
  }

  // A save that finds no server would take the page away: what is typed is put in safety before.
  async keepFirst(event) {
    if (this.mayGo) {
      return;
    }
    if (this.changed().length === 0) {
      this.mayGo = true;
      return;
    }
    event.preventDefault();
    if (!this.isWaiting) {
      await this.goOnce(event.target, event.submitter);
    }
  }

  // The other forms of a page (sign out, take a draft over) leave it too.
  async keepBeforeOthers(event) {
    const isOther = event.target !== this.form && event.target.method === "post";
    if (!isOther || event.defaultPrevented || this.mayGo || this.changed().length === 0) {
      return;
    }
    event.preventDefault();
    if (!this.isWaiting) {
      await this.goOnce(event.target, event.submitter);
    }
  }

  // Whoever types and follows a link at once is asked only when it could not be kept.
  async keepBeforeLink(event) {
    const link = event.target.closest("a[href]");
    const isPlain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey;
    if (!link || link.target || !isPlain || event.defaultPrevented || isOnThisPage(link)) {
      return;
    }
    if (this.changed().length > 0) {
      event.preventDefault();
      await this.keep();
      location.assign(link.href);
    }
  }

  async goOnce(form, submitter) {
    this.isWaiting = true;
    const isKept = await this.keep();
    this.isWaiting = false;
    if (isKept || (form === this.form && KEEPS_A_SAVE.includes(this.failure))) {
      this.mayGo = true;
      form.requestSubmit(submitter);
    }
  }

  warn(event) {
    if (!this.mayGo && this.changed().length > 0) {
      this.keep();
      event.preventDefault();
    }
  }
}

function isOnThisPage({ pathname, search, hash }) {
  return hash !== "" && pathname === location.pathname && search === location.search;
}
