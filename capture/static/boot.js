// Says that scripts run, before anything is drawn: nhsuk-frontend and our stylesheet look for these classes.
document.body.classList.add("js-enabled");
if ("noModule" in HTMLScriptElement.prototype) {
  document.body.classList.add("nhsuk-frontend-supported");
}
