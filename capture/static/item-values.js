// Reads items' values from their controls, as expressions see them: null, {m: reason}, text or number.
import { monthNumber } from "./dates.js";

const NUMBER = /^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)$/;
const UNKNOWN = ["uk", "nk", "un", "unk", "unknown"];

/** The group of an item that can be answered on this page; null when there is none. */
export function groupOf(form, item) {
  const group = form.querySelector(`[data-item="${CSS.escape(item)}"]`);
  return group?.querySelector("input, select, textarea") ? group : null;
}

/** The controls of a group that hold its value. */
export function valueControls(group) {
  const item = group.dataset.item;
  return [...group.querySelectorAll("input, select, textarea")].filter(
    (control) => control.type !== "hidden" && control.type !== "range"
      && (control.name === item || control.name.startsWith(`${item}-`)),
  );
}

/**
 * The value of an item on the page; of one choice of a multiple choice when a code is given.
 * How it is read, its type says: `browser_kind` in forms/items/.
 */
export function itemValue(group, code = null) {
  const reason = group.querySelector(".app-missing__reason")?.value;
  if (reason) {
    return { m: reason };
  }
  switch (group.dataset.reads) {
    case "codes": return chosenCodes(group, code);
    case "code": return chosenCode(group);
    case "date": return isoDate(boxTexts(group));
    case "datetime": return isoDateTime(boxTexts(group));
    case "number": return canonicalNumber(group);
    case "file": return boxTexts(group)[0] || attachedFile(group);
    default: return boxTexts(group)[0] || null;
  }
}

/** The number in a group in its canonical unit; null when what is typed is none. */
export function canonicalNumber(group) {
  const text = boxTexts(group)[0] ?? "";
  if (!NUMBER.test(text)) {
    return null;
  }
  const unit = group.querySelector(".app-unit");
  const factor = unit ? JSON.parse(unit.dataset.factors)[unit.value] : undefined;
  return factor === undefined ? text : Number(text) * Number(factor);
}

function attachedFile(group) {
  const isRemoved = group.querySelector("[name$=__remove]")?.checked;
  return isRemoved ? null : group.querySelector("[name$=__attached]")?.value ?? null;
}

function boxTexts(group) {
  return valueControls(group).map((control) => control.value.trim());
}

function chosenCode(group) {
  const select = group.querySelector("select:not(.app-missing__reason)");
  const chosen = select ?? group.querySelector("input[type=radio]:checked");
  return chosen?.value || null;
}

function chosenCodes(group, code) {
  const chosen = [...group.querySelectorAll("input[type=checkbox]:checked")]
    .filter((box) => box.name === group.dataset.item).map((box) => box.value);
  if (chosen.length === 0) {
    return null;
  }
  return code === null ? chosen.join(",") : Number(chosen.includes(code));
}

function isoDate([day, month, year]) {
  if (!/^\d{4}$/.test(year)) {
    return null;
  }
  if (UNKNOWN.includes(month.toLowerCase())) {
    return year;
  }
  const number = monthNumber(month);
  if (!number) {
    return null;
  }
  const start = `${year}-${String(number).padStart(2, "0")}`;
  if (UNKNOWN.includes(day.toLowerCase())) {
    return start;
  }
  return /^\d{1,2}$/.test(day) ? `${start}-${day.padStart(2, "0")}` : null;
}

function isoDateTime([day, month, year, time]) {
  const found = isoDate([day, month, year]);
  const clock = /^(\d{1,2})[:.]?(\d{2})$/.exec(time);
  return found?.length === 10 && clock ? `${found}T${clock[1].padStart(2, "0")}:${clock[2]}` : null;
}
