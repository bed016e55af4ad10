// Asks beside the box whether a number outside its usual limits is right, before it is saved.
import { canonicalNumber, valueControls } from "./item-values.js";

const CONFIRMED_AS_TYPED = "as-typed";

/** Watch every item that has usual limits. */
export function startSoftLimits(form) {
  for (const group of form.querySelectorAll("[data-soft-min], [data-soft-max]")) {
    const [box] = valueControls(group);
    if (!box) {
      continue;
    }
    const place = document.createElement("div");
    place.setAttribute("role", "status");
    group.append(place);
    const stored = stateOf(group, box);
    group.addEventListener("change", (event) => {
      if (!place.contains(event.target) && event.target.type !== "checkbox") {
        check(group, box, place, stored);
      }
    });
    box.addEventListener("input", () => clearWhenChanged(group, box, place, stored));
    // A draft's values were never saved, so nobody has said yet that they are right.
    if (form.dataset.unsaved) {
      check(group, box, place, stored);
    }
  }
}

function stateOf(group, box) {
  return `${box.value.trim()} ${group.querySelector(".app-unit")?.value ?? ""}`;
}

// What the server asked was about another value; a tick must never pass on to a new one.
function clearWhenChanged(group, box, place, stored) {
  place.replaceChildren();
  const asked = group.querySelectorAll(":scope > .app-question");
  const isStored = stateOf(group, box) === stored;
  for (const question of asked) {
    question.hidden = !isStored;
    for (const tick of question.querySelectorAll("input")) {
      tick.disabled = !isStored;
    }
  }
}

function check(group, box, place, stored) {
  clearWhenChanged(group, box, place, stored);
  const number = canonicalNumber(group);
  const hasServerQuestion = group.querySelector(":scope > .app-question:not([hidden])");
  if (number !== null && !hasServerQuestion && isOutside(Number(number), group.dataset)) {
    place.append(question(group, box));
  }
}

function isOutside(number, { softMin, softMax }) {
  return (softMin !== undefined && number < Number(softMin))
    || (softMax !== undefined && number > Number(softMax));
}

function limitWords({ softMin, softMax, unit = "" }) {
  const behind = unit ? ` ${unit}` : "";
  if (softMax === undefined) {
    return `at least ${softMin}${behind}`;
  }
  return softMin === undefined ? `at most ${softMax}${behind}` : `${softMin} to ${softMax}${behind}`;
}

function question(group, box) {
  const unit = group.querySelector(".app-unit")?.value ?? group.dataset.unit ?? "";
  const id = `${group.dataset.item}__confirm`;
  const found = document.createElement("div");
  found.className = "app-question";
  const words = document.createElement("p");
  words.className = "app-question__words";
  words.id = `${id}-words`;
  words.textContent = `${box.value.trim()} ${unit}`.trim() + ` is out of range (${limitWords(group.dataset)}). Please confirm or correct.`;
  found.append(words, tickBox(id));
  return found;
}

function tickBox(id) {
  const holder = document.createElement("div");
  holder.className = "nhsuk-checkboxes nhsuk-checkboxes--small";
  const item = document.createElement("div");
  item.className = "nhsuk-checkboxes__item";
  const tick = Object.assign(document.createElement("input"), {
    type: "checkbox", id, name: id, value: CONFIRMED_AS_TYPED, className: "nhsuk-checkboxes__input",
  });
  tick.setAttribute("aria-describedby", `${id}-words`);
  const label = Object.assign(document.createElement("label"), {
    htmlFor: id, className: "nhsuk-label nhsuk-checkboxes__label", textContent: "Confirmed correct",
  });
  item.append(tick, label);
  holder.append(item);
  return holder;
}
