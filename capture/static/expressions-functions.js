/* The functions of expressions.js: numbers, texts and dates, as forms/expressions has them. */

// ---- numbers ----

const NUMERIC = /^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)$/;
const SIGNIFICANT = 12;
const MAX_PLACES = 400;
const MAX_EXACT_EXPONENT = 1024;

// Adding zero turns a negative zero into zero.
export const finite = (number) => (Number.isFinite(number) ? number + 0 : null);

export function readNumber(text) {
  return NUMERIC.test(text) ? finite(Number(text)) : null;
}

function decimal(number) {
  const [mantissa, exponent = "0"] = String(number).split("e");
  const [whole, fraction = ""] = mantissa.split(".");
  const digits = (whole + fraction).replace(/^0+(?=[0-9])/, "");
  return { digits, scale: fraction.length - Number(exponent) };
}

export function showNumber(number) {
  const { digits, scale } = decimal(Math.abs(number));
  const sign = number < 0 ? "-" : "";
  if (scale <= 0) return sign + digits + (digits === "0" ? "" : "0".repeat(-scale));
  const padded = digits.padStart(scale + 1, "0");
  return `${sign}${padded.slice(0, -scale)}.${padded.slice(-scale)}`;
}

/* Drops final digits; tenths 5 rounds half away from zero, 10 never goes up, 0 for any rest. */
function cut(number, drop, tenths) {
  if (drop <= 0) return number;
  const { digits, scale } = decimal(Math.abs(number));
  const step = 10n ** BigInt(drop);
  const rest = BigInt(digits) % step;
  const up = rest > 0n && rest * 10n >= BigInt(tenths) * step;
  const size = Number(`${BigInt(digits) / step + BigInt(up)}e${drop - scale}`);
  return number < 0 ? -size : size;
}

function significant(number) {
  if (!Number.isFinite(number)) return null;
  return cut(number, decimal(Math.abs(number)).digits.length - SIGNIFICANT, 5);
}

function toPlaces(tenths) {
  return (number, places = 0) => {
    if (!Number.isInteger(places) || Math.abs(places) > MAX_PLACES) return null;
    return cut(number, decimal(Math.abs(number)).scale - places, tenths);
  };
}

function power(base, exponent) {
  if (Number.isInteger(exponent) && Math.abs(exponent) <= MAX_EXACT_EXPONENT) {
    const product = repeated(base, Math.abs(exponent));
    return significant(exponent >= 0 ? product : 1 / product);
  }
  return significant(base ** exponent);
}

function repeated(base, times) {
  let product = 1;
  let square = base;
  for (let left = times; left; left = Math.floor(left / 2)) {
    if (left % 2) product *= square;
    square *= square;
  }
  return product;
}

function logarithm(number, base) {
  if (number <= 0 || base <= 0 || base === 1) return null;
  return significant(base === undefined ? Math.log(number) : Math.log(number) / Math.log(base));
}

const total = (numbers) => numbers.reduce((sum, number) => sum + number, 0);

function median(numbers) {
  const ordered = [...numbers].sort((a, b) => a - b);
  const middle = Math.floor(ordered.length / 2);
  return ordered.length % 2 ? ordered[middle] : (ordered[middle - 1] + ordered[middle]) / 2;
}

function deviation(numbers) {
  if (numbers.length < 2) return null;
  const mean = total(numbers) / numbers.length;
  const squares = total(numbers.map((number) => (number - mean) * (number - mean)));
  return significant(Math.sqrt(squares / (numbers.length - 1)));
}

// A division by zero is infinite or no number, and so blank.
export const ARITHMETIC = {
  "+": (a, b) => a + b,
  "-": (a, b) => a - b,
  "*": (a, b) => a * b,
  "/": (a, b) => a / b,
  "%": (a, b) => a % b,
  mod: (a, b) => a % b,
  "^": power,
  neg: (a) => -a,
  abs: Math.abs,
  round: toPlaces(5),
  roundup: toPlaces(0),
  rounddown: toPlaces(10),
  sqrt: Math.sqrt,
  exponential: (a) => significant(Math.exp(a)),
  log: logarithm,
};

export const STATISTICS = {
  sum: total,
  mean: (numbers) => total(numbers) / numbers.length,
  median,
  min: (numbers) => Math.min(...numbers),
  max: (numbers) => Math.max(...numbers),
  stdev: deviation,
};

// ---- texts: every operand is a text, blank is "", characters are code points ----

const MAX_TEXT = 1_000_000;
const SPACES = /^[ \t\n\r\f\v\u00a0]+|[ \t\n\r\f\v\u00a0]+$/g;

const sizeOf = (text) => Array.from(text).length;
const part = (text, start, end) => Array.from(text).slice(start, end).join("");
const within = (text) => (sizeOf(text) <= MAX_TEXT ? text : null);

function countOf(text) {
  const number = readNumber(text);
  return number !== null && number >= 0 && Number.isInteger(number) ? number : null;
}

function holds(test) {
  return (text, piece) => piece !== "" && test(text.toLowerCase(), piece.toLowerCase());
}

function find(piece, text) {
  const place = piece === "" ? -1 : text.indexOf(piece);
  return place < 0 ? 0 : sizeOf(text.slice(0, place)) + 1;
}

function right(text, count) {
  const size = countOf(count);
  return size === null ? null : part(text, Math.max(sizeOf(text) - size, 0));
}

function mid(text, start, count) {
  const [first, size] = [countOf(start), countOf(count)];
  return !first || size === null ? null : part(text, first - 1, first - 1 + size);
}

function replaceText(text, old, fresh) {
  if (old === "") return text;
  const pieces = text.split(old);
  const size = sizeOf(text) + (pieces.length - 1) * (sizeOf(fresh) - sizeOf(old));
  return size <= MAX_TEXT ? pieces.join(fresh) : null;
}

const contains = holds((text, piece) => text.includes(piece));

export const TEXTS = {
  isnumber: (text) => readNumber(text) !== null,
  isinteger: (text) => Number.isInteger(readNumber(text)),
  count_numbers: (...texts) => texts.filter((text) => readNumber(text) !== null).length,
  contains,
  not_contain: (text, piece) => !contains(text, piece),
  starts_with: holds((text, piece) => text.startsWith(piece)),
  ends_with: holds((text, piece) => text.endsWith(piece)),
  find,
  length: sizeOf,
  left: (text, count) => (countOf(count) === null ? null : part(text, 0, countOf(count))),
  right,
  mid,
  trim: (text) => text.replace(SPACES, ""),
  upper: (text) => text.toUpperCase(),
  lower: (text) => text.toLowerCase(),
  concat: (...texts) => within(texts.join("")),
  concat_ws: (between, ...texts) => within(texts.filter((text) => text !== "").join(between)),
  replace_text: replaceText,
};

// ---- dates: days and seconds by the wall clock of the site ----

const MOMENT =
  /^([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[ T]([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.[0-9]+)?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?)?$/;
const LEGACY = /^([0-9]{1,2})[-/.]([0-9]{1,2})[-/.]([0-9]{4})$/;
const PARTIAL = /^([0-9]{4})(?:-([0-9]{2}))?$/;
const YEAR = /^[0-9]{4}$/;
const SECONDS = { y: 31_556_952, M: 2_630_016, d: 86_400, h: 3_600, m: 60, s: 1 };
const MAX_YEAR = 9999;

const isLeap = (year) => year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
const LENGTHS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const lengthOf = (year, month) => (month === 2 && isLeap(year) ? 29 : LENGTHS[month - 1]);

function makeDay(year, month, day) {
  if (year < 1 || month < 1 || month > 12 || day < 1 || day > lengthOf(year, month)) return null;
  return { year, month, day, number: dayNumber(year, month, day) };
}

/* Days since 1 March of year 0, which puts the leap day at the end of a year. */
function dayNumber(year, month, day) {
  const [y, m] = month > 2 ? [year, month - 3] : [year - 1, month + 9];
  const leaps = Math.floor(y / 4) - Math.floor(y / 100) + Math.floor(y / 400);
  return 365 * y + leaps + Math.floor((153 * m + 2) / 5) + day - 1;
}

export function readMoment(text) {
  const match = MOMENT.exec(text);
  if (match === null) return null;
  const [year, month, day, hour, minute, second] = match.slice(1).map((part) => Number(part ?? 0));
  if (hour > 23 || minute > 59 || second > 59) return null;
  const found = makeDay(year, month, day);
  return found && { ...found, seconds: hour * 3600 + minute * 60 + second };
}

function readLegacy(text, order) {
  const match = LEGACY.exec(text);
  if (match === null || (order !== "mdy" && order !== "dmy")) return readMoment(text);
  const [first, second, year] = match.slice(1).map(Number);
  const found = order === "mdy" ? makeDay(year, first, second) : makeDay(year, second, first);
  return found && { ...found, seconds: 0 };
}

function isSet(flag) {
  const number = readNumber(flag);
  return number === null ? ["true", "signed"].includes(flag.toLowerCase()) : number !== 0;
}

function datediff(start, end, unit, option = "", signed = "") {
  const first = readLegacy(start, option.toLowerCase());
  const last = readLegacy(end, option.toLowerCase());
  if (first === null || last === null || !Object.hasOwn(SECONDS, unit)) return null;
  const seconds = (last.number - first.number) * 86_400 + last.seconds - first.seconds;
  const span = seconds / SECONDS[unit];
  return isSet(signed) || isSet(option) ? span : Math.abs(span);
}

const anniversary = (birth, year) =>
  makeDay(year, birth.month, birth.day) ?? makeDay(year, 3, 1);

function completedMonths(start, end) {
  const months = (end.year - start.year) * 12 + end.month - start.month;
  return months - Number(end.day < start.day);
}

function between(count) {
  return (start, end) => {
    const [first, last] = [readMoment(start), readMoment(end)];
    return first === null || last === null ? null : count(first, last);
  };
}

function monthsBetween(start, end) {
  return end.number < start.number ? -completedMonths(end, start) : completedMonths(start, end);
}

const ageMonths = (birth, on) => (birth.number <= on.number ? completedMonths(birth, on) : null);

function ageYears(birth, on) {
  const months = ageMonths(birth, on);
  return months === null ? null : Math.floor(months / 12);
}

function ageWithFraction(birth, on) {
  const years = ageYears(birth, on);
  if (years === null || birth.year + years >= MAX_YEAR) return null;
  const last = anniversary(birth, birth.year + years).number;
  const coming = anniversary(birth, birth.year + years + 1).number;
  return years + (on.number - last) / (coming - last);
}

function ageAtDate(birth, on, fraction = "") {
  return between(isSet(fraction) ? ageWithFraction : ageYears)(birth, on);
}

const pad = (number) => String(number).padStart(2, "0");

function dateBounds(text) {
  if (readMoment(text) !== null) return [text.slice(0, 10), text.slice(0, 10)];
  const match = PARTIAL.exec(text);
  const [year, month] = match === null ? [0, 0] : [Number(match[1]), Number(match[2] ?? 1)];
  if (year < 1 || month < 1 || month > 12) return null;
  const final = match[2] === undefined ? 12 : month;
  return [`${match[1]}-${pad(month)}-01`, `${match[1]}-${pad(final)}-${lengthOf(year, final)}`];
}

/* The bounds of two dates of which at least one is partial; null when there is no doubt. */
export function undecidedBounds(left, right) {
  const texts = [left, right];
  if (!texts.every((text) => typeof text === "string")) return null;
  if (!texts.some((text) => PARTIAL.test(text)) || texts.every((text) => YEAR.test(text))) {
    return null;
  }
  const bounds = texts.map(dateBounds);
  return bounds.includes(null) ? null : bounds;
}

function ofBounds(count) {
  return (text) => {
    const bounds = dateBounds(text);
    return bounds === null ? null : count(bounds[0], text);
  };
}

function ofDay(count) {
  return (text) => {
    const moment = readMoment(text);
    return moment === null ? null : count(moment);
  };
}

// 1 March of year 0 was a Wednesday, the third day of the week.
const weekday = (moment) => ((moment.number + 2) % 7) + 1;

// Letters say which operands are dates, where “today” and “now” may stand.
export const DATES = {
  datediff: { letters: "ddtaa", count: datediff },
  age_at_date: { letters: "dda", count: ageAtDate },
  age_years: { letters: "dd", count: between(ageYears) },
  age_months: { letters: "dd", count: between(ageMonths) },
  months_between: { letters: "dd", count: between(monthsBetween) },
  days_from: { letters: "dd", count: between((start, end) => end.number - start.number) },
  dayoftheweek: { letters: "d", count: ofDay(weekday) },
  year: { letters: "d", count: ofBounds((first) => Number(first.slice(0, 4))) },
  month: {
    letters: "d",
    count: ofBounds((first, text) => (YEAR.test(text) ? null : Number(first.slice(5, 7)))),
  },
  day: { letters: "d", count: ofDay((moment) => moment.day) },
};
