// Date boxes: a pasted date fills all, a separator moves on, a Today button, the weekday said back.
const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
const SEPARATORS = ["/", "-", ".", " "];

/** Split a pasted date into day, month and year texts; null when it is not a whole date. */
export function splitDate(text) {
  const trimmed = text.trim();
  const yearFirst = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(trimmed);
  if (yearFirst) {
    return [yearFirst[3], yearFirst[2], yearFirst[1]];
  }
  const dayFirst = /^(\d{1,2}|uk|nk)[/\-. ]+(\d{1,2}|[a-z]{3,9}|uk|nk)[/\-. ,]+(\d{4})$/i.exec(trimmed);
  return dayFirst ? dayFirst.slice(1) : null;
}

/** The month's number, from a number or the first three letters of its name; 0 when it is none. */
export function monthNumber(text) {
  const trimmed = text.trim().toLowerCase();
  if (/^\d{1,2}$/.test(trimmed)) {
    return Number(trimmed) <= 12 ? Number(trimmed) : 0;
  }
  return MONTHS.indexOf(trimmed.slice(0, 3)) + 1;
}

/** The weekday of three texts, or "" when they are no date. */
export function weekday(day, month, year) {
  const number = monthNumber(month);
  if (!/^\d{1,2}$/.test(day.trim()) || !number || !/^\d{4}$/.test(year.trim())) {
    return "";
  }
  const found = new Date(Date.UTC(2000, 0, 1));
  found.setUTCFullYear(Number(year), number - 1, Number(day));
  return found.getUTCMonth() === number - 1 ? DAYS[found.getUTCDay()] : "";
}

/** Make the date boxes below `root` fast to fill. */
export function startDates(root) {
  for (const group of root.querySelectorAll("[data-date-boxes]")) {
    const boxes = [...group.querySelectorAll("input")];
    boxes.slice(0, 3).forEach((box, index) => watchBox(box, index, boxes));
    const echo = addEcho(group);
    group.addEventListener("input", () => sayWeekday(echo, boxes));
    sayWeekday(echo, boxes);
    if (group.hasAttribute("data-today-button")) {
      addTodayButton(group, boxes);
    }
    addVisitDateButton(group, boxes);
  }
}

function watchBox(box, index, boxes) {
  box.addEventListener("paste", (event) => {
    const parts = splitDate(event.clipboardData.getData("text"));
    if (parts) {
      event.preventDefault();
      fill(boxes, parts);
    }
  });
  box.addEventListener("keydown", (event) => {
    if (SEPARATORS.includes(event.key) && index < 2 && box.value.trim() !== "") {
      event.preventDefault();
      boxes[index + 1].focus();
      boxes[index + 1].select();
    }
  });
}

function fill(boxes, parts) {
  parts.forEach((part, index) => { boxes[index].value = part; });
  boxes[2].focus();
  boxes[2].dispatchEvent(new Event("input", { bubbles: true }));
}

function addEcho(group) {
  const echo = document.createElement("span");
  echo.className = "app-weekday";
  echo.setAttribute("role", "status");
  group.append(echo);
  return echo;
}

function sayWeekday(echo, boxes) {
  const found = weekday(...boxes.slice(0, 3).map((box) => box.value));
  if (echo.textContent !== found) {
    echo.textContent = found;
  }
}

// The site's date travels with the page: the browser's own clock may be in another zone.
function addTodayButton(group, boxes) {
  const today = document.querySelector("[data-site-today]")?.dataset.siteToday;
  if (today) {
    addDayButton(group, boxes, "Today", today);
  }
}

// Offered and never filled in silently: a questionnaire may have been answered on another day.
function addVisitDateButton(group, boxes) {
  const { visitDate, visitDateWords, visitDateItem } = group.closest("form")?.dataset ?? {};
  if (visitDate && group.id === visitDateItem) {
    addDayButton(group, boxes, `Visit date, ${visitDateWords}`, visitDate);
  }
}

function addDayButton(group, boxes, words, day) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "app-clear app-today";
  button.textContent = words;
  const legend = group.closest("fieldset")?.querySelector("legend");
  button.setAttribute("aria-label", `${words}${legend ? `: ${legend.textContent.trim()}` : ""}`);
  button.addEventListener("click", () => {
    const [year, month, number] = day.split("-");
    fill(boxes, [String(Number(number)), String(Number(month)), year]);
  });
  group.append(button);
}
