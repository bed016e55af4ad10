// Makes controls easier where scripts run: clear an answer, one lone choice, quick grids, lines.
import { addReasons } from "./missing.js";

const CLEARS = ["Delete", "Backspace"];

/** Ease every item of a form. */
export function easeControls(form) {
  for (const group of form.querySelectorAll("[data-item]")) {
    if (group.querySelector("input[type=radio]")) {
      addClear(group);
    }
    keepAlone(group);
    addReasons(group);
  }
  for (const box of form.querySelectorAll("[data-line]")) {
    addLine(box);
  }
  if (form.hasAttribute("data-fast-entry")) {
    form.addEventListener("keydown", enterFast);
    form.querySelectorAll(".app-grid__table").forEach(sayKeys);
  }
}

function say(group) {
  group.dispatchEvent(new Event("change", { bubbles: true }));
}

// Delete clears, so that the button costs no stop on the way through a form by keyboard.
function addClear(group) {
  const radios = [...group.querySelectorAll("input[type=radio]")];
  const button = document.createElement("button");
  button.type = "button";
  button.className = "app-clear";
  button.textContent = "Clear";
  button.tabIndex = -1;
  button.title = "Or press Delete while an answer has the focus";
  const words = group.querySelector("legend, .app-grid__statement > span")?.textContent.trim() ?? "";
  button.setAttribute("aria-label", `Clear the answer: ${words}`);
  const isAnswered = () => radios.some((radio) => radio.checked && radio.value !== "");
  const update = () => {
    button.hidden = !isAnswered();
    // Nor does the way to a missing reason, while there is an answer.
    const chip = group.querySelector(".app-grid__more .app-missing__chip");
    if (chip) {
      chip.tabIndex = isAnswered() ? -1 : 0;
    }
  };
  const take = () => {
    radios.forEach((radio) => { radio.checked = false; });
    radios[0].focus();
    say(group);
  };
  button.addEventListener("click", take);
  group.addEventListener("keydown", (event) => {
    if (CLEARS.includes(event.key) && event.target.type === "radio" && isAnswered()) {
      event.preventDefault();
      take();
    }
  });
  group.addEventListener("change", update);
  group.addEventListener("input", update);
  (group.querySelector(".app-grid__more") ?? group).append(button);
  update();
}

function keepAlone(group) {
  const boxes = [...group.querySelectorAll("input[type=checkbox]")];
  const lone = boxes.filter((box) => box.hasAttribute("data-alone"));
  if (lone.length === 0) {
    return;
  }
  group.addEventListener("change", ({ target }) => {
    if (boxes.includes(target) && target.checked) {
      const others = lone.includes(target) ? boxes.filter((box) => box !== target) : lone;
      others.forEach((box) => { box.checked = false; });
    }
  });
}

function addLine(box) {
  const line = Object.assign(document.createElement("input"), {
    type: "range", min: "0", max: box.dataset.line, step: "1", className: "app-line",
  });
  const label = document.querySelector(`label[for="${CSS.escape(box.id)}"]`);
  line.setAttribute("aria-label", `Mark on the line: ${label?.textContent.trim() ?? ""}`);
  const follow = () => { if (/^\d+$/.test(box.value)) { line.value = box.value; } };
  line.addEventListener("input", () => {
    box.value = line.value;
    box.dispatchEvent(new Event("input", { bubbles: true }));
  });
  box.addEventListener("input", follow);
  box.before(line);
  follow();
}

function sayKeys(table) {
  const codes = [...table.querySelector(".app-grid__row").querySelectorAll("input[type=radio]")]
    .map((radio) => radio.value).filter((code) => code !== "");
  const words = document.createElement("p");
  words.className = "app-grid__keys";
  words.textContent = `Keys while a row has the focus: ${codes.join(", ")} answer it and go on; Delete clears it.`;
  table.before(words);
}

// A personal setting, off by default: a key answers a row of a grid and goes on to the next row.
function enterFast(event) {
  const row = event.target.closest(".app-grid__row");
  const isPlain = event.key.length === 1 && event.key !== " "
    && !event.ctrlKey && !event.metaKey && !event.altKey;
  if (!row || event.target.type !== "radio" || !isPlain) {
    return;
  }
  event.preventDefault();
  const radio = meant(row, event.key.toLowerCase());
  tellKey(row, radio ? "" : `No answer of this row has the key ${event.key}. Nothing was changed.`);
  if (radio) {
    radio.checked = true;
    radio.dispatchEvent(new Event("input", { bubbles: true }));
    say(row);
    nextRow(row)?.querySelector("input[type=radio]")?.focus();
  }
}

// The answer whose code is the key, or the only one whose code begins with it.
function meant(row, key) {
  const radios = [...row.querySelectorAll("input[type=radio]")].filter((one) => one.value !== "");
  const beginning = radios.filter((one) => one.value.toLowerCase().startsWith(key));
  return radios.find((one) => one.value.toLowerCase() === key)
    ?? (beginning.length === 1 ? beginning[0] : undefined);
}

function nextRow(row) {
  const rows = [...row.parentElement.querySelectorAll(".app-grid__row:not([hidden])")];
  return rows[rows.indexOf(row) + 1];
}

function tellKey(row, words) {
  let place = row.querySelector(".app-grid__told");
  if (!place) {
    place = document.createElement("p");
    place.className = "app-grid__told";
    place.setAttribute("role", "status");
    row.querySelector(".app-grid__more").append(place);
  }
  place.textContent = words;
}
