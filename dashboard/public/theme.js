// Before anything is drawn, so that nobody who chose the dark sees a flash of light. A file of its own, for the policy
// of our pages allows no script inside them. The same decision is made in lib/theme.ts.
(function () {
  var chosen = null;
  try {
    chosen = JSON.parse(localStorage.getItem("gwo.theme"));
  } catch {
    // Nothing is kept here: then as the system has it.
  }
  var dark = chosen === "dark" || (chosen !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.classList.toggle("dark", dark);
})();
