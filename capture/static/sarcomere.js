// What every page needs: NHS.UK components, focus on the outcome, dates, finding, the lock, idle warning.
import { startDates } from "./dates.js";
import { startFinding } from "./finding.js";
import { startIdleWarning } from "./idle.js";
import { startComingBack } from "./leaving.js";
import { startLock } from "./lock.js";
import { createAll, Button, Checkboxes, ErrorSummary, PasswordInput, SkipLink } from "./vendor/nhsuk-10.6.1/nhsuk-frontend.min.js";

for (const component of [Button, Checkboxes, ErrorSummary, PasswordInput, SkipLink]) {
  createAll(component);
}

// After a save the outcome must be in view, focused and read out; browsers differ on `autofocus`.
const outcome = document.querySelector("[data-focus]");
if (outcome && !location.hash) {
  outcome.focus();
}

// A page that the browser kept in memory may be another person's by now.
window.addEventListener("pageshow", ({ persisted }) => {
  if (persisted) {
    document.body.classList.add("app-covered");
    location.reload();
  }
});

startComingBack(document);
startDates(document);
startFinding(document);
startLock(document);
startIdleWarning(document.body);
