// Sets language and colours before the first paint, so that nothing flashes. A file of its own: the page allows no inline script.
(function () {
  var root = document.documentElement;
  try {
    var scheme = localStorage.getItem("simpul.colours");
    if (scheme !== "light" && scheme !== "dark") {
      scheme = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
    }
    root.setAttribute("data-mantine-color-scheme", scheme);
    var language = localStorage.getItem("simpul.language") || navigator.language;
    root.lang = /^id\b/.test(language) ? "id" : "en";
  } catch (_) {
    root.setAttribute("data-mantine-color-scheme", "light");
  }
})();
