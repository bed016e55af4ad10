// Makes controls easier where scripts run: clear an answer, one lone choice, quick grids, lines.
import { valueControls } from "./item-values.js";

/** Ease every item of a form. */
export function easeControls(form) {
  for (const group of form.querySelectorAll("[data-item]")) {
    if (group.querySelector("input[type=radio]")) {
      addClear(group);
    }
    keepAlone(group);
    keepValueOrReason(group);
  }
  for (const box of form.querySelectorAll("[data-line]")) {
    addLine(box);
  }
  if (form.hasAttribute("data-fast-entry")) {
    form.addEventListener("keydown", enterFast);
  }
}

function say(group) {
  group.dispatchEvent(new Event("change", { bubbles: true }));
}

function addClear(group) {
  const radios = [...group.querySelectorAll("input[type=radio]")];
  const button = document.createElement("button");
  button.type = "button";
  button.className = "app-clear";
  button.textContent = "Clear";
  const words = group.querySelector("legend, .app-grid__statement > span")?.textContent.trim() ?? "";
  button.setAttribute("aria-label", `Clear the answer: ${words}`);
  const update = () => { button.hidden = !radios.some((radio) => radio.checked); };
  button.addEventListener("click", () => {
    clear(radios);
    radios[0].focus();
    say(group);
  });
  group.addEventListener("change", update);
  (group.querySelector(".app-grid__statement") ?? group).append(button);
  update();
}

function clear(controls) {
  for (const control of controls) {
    if (control.type === "radio" || control.type === "checkbox") {
      control.checked = false;
    } else {
      control.value = "";
    }
  }
}

function keepAlone(group) {
  const boxes = [...group.querySelectorAll("input[type=checkbox]")];
  const lone = boxes.filter((box) => box.hasAttribute("data-alone"));
  if (lone.length === 0) {
    return;
  }
  group.addEventListener("change", ({ target }) => {
    if (boxes.includes(target) && target.checked) {
      clear(lone.includes(target) ? boxes.filter((box) => box !== target) : lone);
    }
  });
}

// A value and a reason for its absence exclude each other: the one given last stays.
function keepValueOrReason(group) {
  const reason = group.querySelector(".app-missing__reason");
  if (!reason) {
    return;
  }
  const controls = valueControls(group).filter((control) => control !== reason);
  group.addEventListener("input", ({ target }) => {
    if (target === reason && reason.value) {
      clear(controls);
    } else if (controls.includes(target) && target.value) {
      reason.value = "";
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

// A personal setting, off by default: digits answer a row of a grid and go on to the next row.
function enterFast(event) {
  const row = event.target.closest(".app-grid__row");
  if (!row || event.target.type !== "radio" || event.ctrlKey || event.metaKey || event.altKey) {
    return;
  }
  const radio = [...row.querySelectorAll("input[type=radio]")]
    .find((one) => one.value === event.key && one.value !== "");
  if (radio) {
    event.preventDefault();
    radio.checked = true;
    say(row);
    const rows = [...row.parentElement.querySelectorAll(".app-grid__row")];
    rows[rows.indexOf(row) + 1]?.querySelector("input[type=radio]")?.focus();
  }
}
