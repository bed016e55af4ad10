// What every page needs: NHS.UK components, focus on the outcome, dates, and the idle warning.
import { startDates } from "./dates.js";
import { startIdleWarning } from "./idle.js";
import { createAll, Button, Checkboxes, ErrorSummary, NotificationBanner, PasswordInput, Radios, SkipLink } from "./vendor/nhsuk-10.6.1/nhsuk-frontend.min.js";

for (const component of [Button, Checkboxes, ErrorSummary, NotificationBanner, PasswordInput, Radios, SkipLink]) {
  createAll(component);
}

// After a save the outcome must be in view, focused and read out; browsers differ on `autofocus`.
const outcome = document.querySelector("[data-focus]");
if (outcome && !location.hash) {
  outcome.focus();
}

startDates(document);
startIdleWarning(document.body);
