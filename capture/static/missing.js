// The reasons why a value is missing, beside the field: one click, or one key on "Reason missing".
import { valueControls } from "./item-values.js";

/** Put the reasons of an item's select behind its chip, and keep value and reason apart. */
export function addReasons(group) {
  const details = group.querySelector(".app-missing");
  if (details) {
    new Reasons(group, details).start();
  }
}

// What opens under the mouse can be sent away without moving it.
document.addEventListener("keydown", ({ key }) => {
  if (key === "Escape") {
    document.querySelectorAll(".app-missing--menu[open]").forEach((one) => { one.open = false; });
  }
});

class Reasons {
  constructor(group, details) {
    this.group = group;
    this.details = details;
    this.chip = details.querySelector("summary");
    this.words = this.chip.firstChild;
    this.select = details.querySelector("select");
    this.controls = valueControls(group)
      .filter((control) => control !== this.select && control.type !== "file");
    this.told = document.createElement("div");
    this.told.className = "app-undo";
    this.told.setAttribute("role", "status");
  }

  start() {
    this.details.append(this.menu());
    this.details.classList.add("app-missing--menu");
    this.details.open = false;
    this.details.after(this.told);
    this.chip.title = "Why there is no value; keys 1 to 9 choose a reason";
    this.details.addEventListener("pointerenter", (event) => this.hover(event, true));
    this.details.addEventListener("pointerleave", (event) => this.hover(event, false));
    this.details.addEventListener("keydown", (event) => this.press(event));
    this.details.addEventListener("focusout", (event) => this.leave(event));
    this.chip.addEventListener("click", (event) => this.click(event));
    this.group.addEventListener("input", (event) => this.follow(event));
    this.group.addEventListener("change", (event) => this.follow(event));
    this.show();
  }

  menu() {
    const menu = document.createElement("div");
    menu.className = "app-missing__menu";
    menu.setAttribute("role", "group");
    menu.setAttribute("aria-label", "Reason missing");
    this.buttons = [...this.select.options].map((option, number) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "app-missing__choice";
      button.value = option.value;
      button.textContent = number ? `${number} ${option.text}` : option.text;
      button.addEventListener("click", () => this.choose(option.value));
      return button;
    });
    // "Clear reason" stands last: the reasons come first.
    menu.append(...this.buttons.slice(1), this.buttons[0]);
    return menu;
  }

  // A mouse over the chip opens the reasons, so that one click gives one; a click keeps them open.
  hover({ pointerType }, isOver) {
    if (pointerType === "mouse" && !this.details.contains(document.activeElement)) {
      this.details.open = isOver;
    }
  }

  click(event) {
    if (event.detail > 0 && this.details.open && !this.isPinned && this.details.matches(":hover")) {
      event.preventDefault();
      this.isPinned = true;
    }
  }

  leave({ relatedTarget }) {
    if (!this.details.contains(relatedTarget)) {
      this.details.open = false;
      this.isPinned = false;
    }
  }

  press(event) {
    const button = /^[1-9]$/.test(event.key) ? this.buttons[Number(event.key)] : null;
    if (event.key === "Escape" && this.details.open) {
      event.preventDefault();
      this.details.open = false;
      this.chip.focus();
    } else if (button && !event.ctrlKey && !event.altKey && !event.metaKey) {
      event.preventDefault();
      this.choose(button.value);
    }
  }

  choose(code) {
    this.details.open = false;
    this.isPinned = false;
    this.select.value = code;
    this.select.dispatchEvent(new Event("input", { bubbles: true }));
    this.chip.focus();
  }

  // A value and a reason for its absence exclude each other: the one given last stays.
  follow({ target }) {
    if (target === this.select) {
      if (this.select.value) {
        this.takeOut();
      } else {
        this.told.replaceChildren();
      }
    } else if (this.controls.includes(target) && isFilled(target)) {
      this.select.value = "";
      this.told.replaceChildren();
    }
    this.show();
  }

  // What gives way to a reason is named and can be put back.
  takeOut() {
    const filled = this.controls.filter(isFilled).map((control) => [control, control.value]);
    this.controls.forEach(empty);
    if (filled.length === 0) {
      return;
    }
    const words = document.createElement("span");
    const texts = filled.map(([control, text]) => (isChoice(control) ? labelOf(control) : text));
    words.textContent = `The answer “${texts.join(" ")}” was taken out: ${this.reason()}. `;
    const undo = document.createElement("button");
    undo.type = "button";
    undo.className = "app-clear";
    undo.textContent = "Put it back";
    undo.addEventListener("click", () => this.putBack(filled));
    this.told.replaceChildren(words, undo);
  }

  putBack(filled) {
    for (const [control, text] of filled) {
      fill(control, text);
    }
    this.select.value = "";
    this.told.replaceChildren();
    filled[0][0].focus();
    filled[0][0].dispatchEvent(new Event("input", { bubbles: true }));
  }

  reason() {
    return this.select.selectedOptions[0]?.text ?? "";
  }

  show() {
    this.words.textContent = this.select.value ? this.reason() : "Reason missing";
    this.chip.classList.toggle("app-missing__chip--given", this.select.value !== "");
    this.buttons[0].hidden = this.select.value === "";
  }
}

const isChoice = ({ type }) => type === "radio" || type === "checkbox";

function isFilled(control) {
  return isChoice(control) ? control.checked && control.value !== "" : control.value !== "";
}

function labelOf(control) {
  return control.labels[0]?.textContent.trim() ?? control.value;
}

function empty(control) {
  if (isChoice(control)) {
    control.checked = false;
  } else {
    control.value = "";
  }
}

function fill(control, text) {
  if (isChoice(control)) {
    control.checked = true;
  } else {
    control.value = text;
  }
}
